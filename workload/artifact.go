package workload

import "io"

// Artifacts is where a workload may leave files beside its verdict.
type Artifacts interface {
	// Create makes a file of that name among the artifacts of the run.
	Create(name string) (io.WriteCloser, error)
}

// LeaveFilesIn has Verify leave files, if it has any to leave.
func (w *Workload) LeaveFilesIn(a Artifacts) { w.artifacts = a }
