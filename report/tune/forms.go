package tune

import "github.com/redis-chaos/redis-chaos/report/form"

// Forms are those of a sweep.
func Forms() form.Forms[*Tune] {
	return form.Forms[*Tune]{
		Files: []form.Form[*Tune]{
			form.File("tune.json", writeJSON),
			form.Page("tune.md", writeMarkdown),
			form.Page("tune.html", writeHTML),
		},
		Summary: form.Summary("summary", (*Tune).summary),
	}
}
