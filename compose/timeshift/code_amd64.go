package timeshift

import "encoding/binary"

// What code has of a library that is changed. All of it is relative to the code's first byte, which is at a multiple
// of 16.
const (
	offsetAt  = 0x08 // 8 bytes: the offset, in nanoseconds
	clockCode = 0x10 // clock_gettime
	dayCode   = 0x50 // gettimeofday
	timeCode  = 0xa0 // time
)

// code is what calls for the time run, as GNU as(1) writes it.
func code() []byte {
	return []byte("rchaosTS" + "\x00\x00\x00\x00\x00\x00\x00\x00" +

		// int clock_gettime(clockid_t edi, struct timespec *rsi)
		"\xb8\xe4\x00\x00\x00" + //             mov    $228, %eax            # clock_gettime
		"\x0f\x05" + //                         syscall
		"\x85\xc0" + //                         test   %eax, %eax
		"\x75\x33" + //                         jne    9f
		"\x85\xff" + //                         test   %edi, %edi            # CLOCK_REALTIME
		"\x74\x0a" + //                         je     1f
		"\x83\xff\x05" + //                     cmp    $5, %edi              # CLOCK_REALTIME_COARSE
		"\x74\x05" + //                         je     1f
		"\x83\xff\x0b" + //                     cmp    $11, %edi             # CLOCK_TAI
		"\x75\x25" + //                         jne    9f
		"\x48\x69\x06\x00\xca\x9a\x3b" + //  1: imul   $1000000000, (%rsi), %rax
		"\x48\x03\x46\x08" + //                 add    8(%rsi), %rax
		"\x48\x03\x05\xcd\xff\xff\xff" + //     add    offset(%rip), %rax
		"\x31\xd2" + //                         xor    %edx, %edx
		"\xb9\x00\xca\x9a\x3b" + //             mov    $1000000000, %ecx
		"\x48\xf7\xf1" + //                     div    %rcx
		"\x48\x89\x06" + //                     mov    %rax, (%rsi)
		"\x48\x89\x56\x08" + //                 mov    %rdx, 8(%rsi)
		"\x31\xc0" + //                         xor    %eax, %eax
		"\xc3" + //                          9: ret
		"\x90" +

		// int gettimeofday(struct timeval *rdi, struct timezone *rsi)
		"\xb8\x60\x00\x00\x00" + //             mov    $96, %eax             # gettimeofday
		"\x0f\x05" + //                         syscall
		"\x85\xc0" + //                         test   %eax, %eax
		"\x75\x3c" + //                         jne    9f
		"\x48\x85\xff" + //                     test   %rdi, %rdi
		"\x74\x37" + //                         je     9f
		"\x48\x69\x07\x00\xca\x9a\x3b" + //     imul   $1000000000, (%rdi), %rax
		"\x48\x69\x57\x08\xe8\x03\x00\x00" + // imul   $1000, 8(%rdi), %rdx
		"\x48\x01\xd0" + //                     add    %rdx, %rax
		"\x48\x03\x05\x8f\xff\xff\xff" + //     add    offset(%rip), %rax
		"\x31\xd2" + //                         xor    %edx, %edx
		"\xb9\x00\xca\x9a\x3b" + //             mov    $1000000000, %ecx
		"\x48\xf7\xf1" + //                     div    %rcx
		"\x48\x89\x07" + //                     mov    %rax, (%rdi)
		"\x89\xd0" + //                         mov    %edx, %eax
		"\x31\xd2" + //                         xor    %edx, %edx
		"\xb9\xe8\x03\x00\x00" + //             mov    $1000, %ecx
		"\xf7\xf1" + //                         div    %ecx
		"\x48\x89\x47\x08" + //                 mov    %rax, 8(%rdi)
		"\x31\xc0" + //                         xor    %eax, %eax
		"\xc3" + //                          9: ret
		"\x90\x90\x90\x90\x90\x90\x90\x90" +

		// time_t time(time_t *rdi)
		"\x49\x89\xf8" + //                     mov    %rdi, %r8
		"\x31\xff" + //                         xor    %edi, %edi            # CLOCK_REALTIME
		"\x48\x8d\x74\x24\xe8" + //             lea    -24(%rsp), %rsi       # in the red zone
		"\xb8\xe4\x00\x00\x00" + //             mov    $228, %eax            # clock_gettime
		"\x0f\x05" + //                         syscall
		"\x48\x69\x06\x00\xca\x9a\x3b" + //     imul   $1000000000, (%rsi), %rax
		"\x48\x03\x46\x08" + //                 add    8(%rsi), %rax
		"\x48\x03\x05\x45\xff\xff\xff" + //     add    offset(%rip), %rax
		"\x31\xd2" + //                         xor    %edx, %edx
		"\xb9\x00\xca\x9a\x3b" + //             mov    $1000000000, %ecx
		"\x48\xf7\xf1" + //                     div    %rcx
		"\x4d\x85\xc0" + //                     test   %r8, %r8
		"\x74\x03" + //                         je     9f
		"\x49\x89\x00" + //                     mov    %rax, (%r8)
		"\xc3") //                           9: ret
}

// jumpLength is how long a jump is.
const jumpLength = 5

// jump goes from one place to another.
func jump(from, to int) []byte {
	const near = 0xe9 // and how far it is, from the next instruction
	return binary.LittleEndian.AppendUint32([]byte{near}, uint32(int32(to-from-jumpLength)))
}
