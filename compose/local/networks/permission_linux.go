package networks

import (
	"errors"
	"fmt"
	"io/fs"
)

// explainPermission adds what the user can do about a missing permission.
func explainPermission(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w: run as root, or with CAP_NET_ADMIN and CAP_SYS_ADMIN; unprivileged mode needs neither", err)
	}
	return err
}
