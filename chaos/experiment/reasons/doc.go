// Package reasons puts the causes that a report gives to the test: it draws random
// schedules of faults on random clusters, and checks what is told of their runs against
// the records. `make fuzz-reasons` runs many, on the local runtime.
package reasons
