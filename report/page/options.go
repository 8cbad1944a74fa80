package page

// TextOptions are how the summary is rendered.
type TextOptions struct {
	Colour bool
	// OmitError leaves the run's error out of the headline: it is told elsewhere.
	OmitError bool
}
