"""The numbers of the system calls that rules name, from the kernel's own tables (x86-64, and the generic one)."""

from __future__ import annotations

# Name, number on x86-64, number on aarch64 ("-" where that machine never had the call).
_TABLE = """
read 0 63, write 1 64, open 2 -, close 3 57, stat 4 -, fstat 5 80, lstat 6 -, poll 7 -, lseek 8 62, mmap 9 222,
mprotect 10 226, munmap 11 215, brk 12 214, rt_sigaction 13 134, rt_sigprocmask 14 135, rt_sigreturn 15 139,
ioctl 16 29, pread64 17 67, pwrite64 18 68, readv 19 65, writev 20 66, access 21 -, select 23 -,
sched_yield 24 124, mremap 25 216, madvise 28 233, shmget 29 194, shmat 30 196, shmctl 31 195, dup 32 23,
dup2 33 -, pause 34 -, nanosleep 35 101, getitimer 36 102, alarm 37 -, setitimer 38 103, getpid 39 172,
socket 41 198, clone 56 220, exit 60 93, kill 62 129, uname 63 160, semget 64 190, semop 65 193, semctl 66 191,
shmdt 67 197, msgget 68 186, msgsnd 69 189, msgrcv 70 188, msgctl 71 187, fcntl 72 25, getdents 78 -,
getcwd 79 17, readlink 89 -, gettimeofday 96 169, getrlimit 97 163, getrusage 98 165, sysinfo 99 179,
times 100 153, ptrace 101 117, getuid 102 174, syslog 103 116, getgid 104 176, geteuid 107 175, getegid 108 177,
getppid 110 173, getpgrp 111 -, getgroups 115 158, getresuid 118 148, getresgid 120 150, getpgid 121 155,
getsid 124 156, rt_sigpending 127 136, rt_sigtimedwait 128 137, rt_sigsuspend 130 133, sigaltstack 131 132,
uselib 134 -, personality 135 92, ustat 136 -, sysfs 139 -, getpriority 140 141, sched_getparam 143 121,
sched_getscheduler 145 120, vhangup 153 58, modify_ldt 154 -, pivot_root 155 41, _sysctl 156 -, prctl 157 167,
adjtimex 159 171, setrlimit 160 164, chroot 161 51, acct 163 89, settimeofday 164 170, mount 165 40,
umount2 166 39, swapon 167 224, swapoff 168 225, reboot 169 142, sethostname 170 161, setdomainname 171 162,
iopl 172 -, ioperm 173 -, init_module 175 105, delete_module 176 106, quotactl 179 60, nfsservctl 180 42,
gettid 186 178, time 201 -, futex 202 98, sched_getaffinity 204 123, io_setup 206 0, io_destroy 207 1,
io_submit 209 2, io_cancel 210 3, lookup_dcookie 212 18, getdents64 217 61, set_tid_address 218 96,
restart_syscall 219 128, semtimedop 220 192, fadvise64 221 223, clock_settime 227 112, clock_gettime 228 113,
clock_getres 229 114, clock_nanosleep 230 115, exit_group 231 94, tgkill 234 131, mbind 237 235,
set_mempolicy 238 237, mq_open 240 180, mq_unlink 241 181, mq_timedsend 242 182, mq_timedreceive 243 183,
mq_notify 244 184, mq_getsetattr 245 185, kexec_load 246 104, add_key 248 217, request_key 249 218,
keyctl 250 219, migrate_pages 256 238, openat 257 56, newfstatat 262 79, readlinkat 267 78, faccessat 269 48,
pselect6 270 72, ppoll 271 73, unshare 272 97, set_robust_list 273 99, move_pages 279 239, dup3 292 24,
preadv 295 69, pwritev 296 70, perf_event_open 298 241, fanotify_init 300 262, prlimit64 302 261,
name_to_handle_at 303 264, open_by_handle_at 304 265, clock_adjtime 305 266, setns 308 268, getcpu 309 168,
process_vm_readv 310 270, process_vm_writev 311 271, kcmp 312 272, finit_module 313 273, getrandom 318 278,
kexec_file_load 320 294, bpf 321 280, userfaultfd 323 282, statx 332 291, rseq 334 293,
pidfd_send_signal 424 424, io_uring_setup 425 425, io_uring_enter 426 426, io_uring_register 427 427,
open_tree 428 428, move_mount 429 429, fsopen 430 430, fsconfig 431 431, fsmount 432 432, fspick 433 433,
pidfd_open 434 434, clone3 435 435, close_range 436 436, openat2 437 437, pidfd_getfd 438 438,
faccessat2 439 439, process_madvise 440 440, mount_setattr 442 442, quotactl_fd 443 443, memfd_secret 447 447,
process_mrelease 448 448, futex_waitv 449 449, set_mempolicy_home_node 450 450
"""


def _column(index: int) -> dict[str, int]:
    """Name to number for one machine; what it does not have is left out."""
    rows = [entry.split() for entry in _TABLE.replace(",", "\n").strip().splitlines() if entry.strip()]
    return {row[0]: int(row[index]) for row in rows if row[index] != "-"}


NUMBERS = {"x86_64": _column(1), "aarch64": _column(2)}
