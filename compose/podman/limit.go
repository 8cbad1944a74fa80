package podman

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/docker/docker/client"
)

// limitCPU asks by Podman's own API, as its service knows no update by Docker's before version 5.3:
// https://docs.podman.io/en/latest/_static/api.html#tag/containers/operation/ContainerUpdateLibpod.
// The limit ends with the container's process.
func limitCPU(ctx context.Context, c *client.Client, container string, period, quota time.Duration) error {
	// The resources of the OCI runtime specification; times are in microseconds.
	body, err := json.Marshal(map[string]any{"cpu": map[string]int64{"period": period.Microseconds(), "quota": quota.Microseconds()}})
	if err != nil {
		return err
	}
	host := "podman" // a socket's client ignores it
	if addr, ok := strings.CutPrefix(c.DaemonHost(), "tcp://"); ok {
		host = addr
	}
	at := url.URL{Scheme: "http", Host: host, Path: "/v4.0.0/libpod/containers/" + container + "/update"}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, at.String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := c.HTTPClient().Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusCreated || answer.StatusCode == http.StatusOK {
		return nil
	}
	const most = 4 << 10 // of what it says, in bytes
	said, err := io.ReadAll(io.LimitReader(answer.Body, most))
	if err != nil {
		return fmt.Errorf("the service answered %s: %w", answer.Status, err)
	}
	var refusal struct{ Message string }
	if json.Unmarshal(said, &refusal) == nil && refusal.Message != "" {
		return fmt.Errorf("the service answered %s: %s", answer.Status, refusal.Message)
	}
	return fmt.Errorf("the service answered %s", answer.Status)
}
