package compose

import "time"

const (
	// DefaultCPUPeriod is the kernel's, of a control group with a quota.
	DefaultCPUPeriod = 100 * time.Millisecond
	// leastCPUQuota is the least that the kernel takes.
	leastCPUQuota = time.Millisecond
)

// CPUQuota is how a share of a CPU is given out: so much in each period.
func CPUQuota(share float64) (quota, period time.Duration) {
	quota = time.Duration(share * float64(DefaultCPUPeriod))
	if quota >= leastCPUQuota {
		return quota, DefaultCPUPeriod
	}
	return leastCPUQuota, time.Duration(float64(leastCPUQuota) / share)
}
