// Package timeshift has processes of this machine see another time than it has: CLOCK_REALTIME and what follows it, by
// clock_gettime(2), gettimeofday(2) and time(2). Clocks that count from the start of the machine, such as
// CLOCK_MONOTONIC, and times of the kernel's own, as those of files, stay right.
//
// A process asks for the time without the kernel, by functions of a library that the kernel maps into it, the
// vDSO (vdso(7)). Set puts jumps at their beginnings, to code in the unused end of the library's last page: it makes
// the system call, and adds the offset. The pages are the process's own from then on. Children that it
// forks later have them, too; another program that it executes has not. Each call for the time takes the
// process some 100 ns longer.
//
// What a process had before is known at any time, as all processes of one kernel have the same library: Clear
// puts it back whoever has called Set. It takes the right to trace the process (ptrace(2)), for as long as its threads are
// kept from running while its code changes, which is under a millisecond.
package timeshift

import "time"

// most is how far off a time may be: the code for it counts nanoseconds since 1970, in 63 bits.
const most = 20 * 365 * 24 * time.Hour
