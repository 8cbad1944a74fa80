package docker

import (
	"slices"
	"strings"
)

// What an engine refuses has no code of its own, and each product has its own words for it.

// says tells whether an error has one of these texts in it.
func says(err error, texts ...string) bool {
	return err != nil && slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(err.Error(), text) })
}

// isCollision tells whether the engine refused a port or a subnet as taken.
func isCollision(err error) bool {
	return says(err, "port is already allocated", "address already in use", "Pool overlaps with other one",
		"is already used on the host or by another config")
}

// isOnNetwork tells whether the engine refused to put a container on a network where it has it already.
func isOnNetwork(err error) bool {
	return says(err, "already exists in network", "network is already connected")
}

// isOffNetwork tells whether the engine refused to take a container off a network where it does not have it.
func isOffNetwork(err error) bool { return says(err, "is not connected to") }

// refusesAddress tells whether the engine refused to give a container an address of its own choice, on a network whose
// subnet is the engine's, or as another one has it by now.
func refusesAddress(err error) bool {
	return says(err, "user specified IP address", "user configured subnets", "already in use", "Address already")
}

// isNotPaused tells whether the engine refused to thaw a container that is not frozen.
func isNotPaused(err error) bool { return says(err, "is not paused") }

// isEnding tells whether the engine failed to change what runs, as that has ended, of which it has not heard yet.
func isEnding(err error) bool { return says(err, "cannot update a stopped container") }

// isNotRunning tells whether the engine refused to signal a container that has ended, without saying
// so in these words.
func isNotRunning(err error) bool { return says(err, "can only kill running containers") }
