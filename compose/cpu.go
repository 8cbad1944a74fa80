package compose

import "time"

const (
	// defaultCPUPeriod is the kernel's, of a control group with a quota.
	defaultCPUPeriod = 100 * time.Millisecond
	// leastCPUQuota is the least that the kernel takes.
	leastCPUQuota = time.Millisecond
)

// CPUQuota is how a share of a CPU is given out: so much in each period.
func CPUQuota(share float64) (quota, period time.Duration) {
	quota = time.Duration(share * float64(defaultCPUPeriod))
	if quota >= leastCPUQuota {
		return quota, defaultCPUPeriod
	}
	return leastCPUQuota, time.Duration(float64(leastCPUQuota) / share)
}
