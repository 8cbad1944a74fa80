package image

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/docker/docker/pkg/jsonmessage"
)

// message is one line of the JSON stream with which an engine reports on a
// pull or an import.
type message = jsonmessage.JSONMessage

// readStream calls each for every message until the stream ends. An error
// reported inside the stream is returned as an error.
func readStream(stream io.Reader, each func(message)) error {
	decoder := json.NewDecoder(stream)
	for {
		var m message
		err := decoder.Decode(&m)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the engine's progress: %w", err)
		}
		if m.Error != nil {
			return m.Error
		}
		each(m)
	}
}
