"""What the two filters say.

Stage 1 is there from the first instruction of the worker's interpreter: it refuses what no Python program needs and
what has opened kernels before. Stage 2 is installed by the worker itself once everything is imported: it allows what
computing needs and refuses all else, so a call that a later kernel brings is refused too.
"""

from __future__ import annotations

from playground.sandbox.filters.assemble import ABSENT, ALLOW, NO_LINK, OWN_PID, REFUSE, Match, Rule

_NAMESPACES = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET (NEWTIME takes clone3)
_THREAD = 0x003D0F00  # the flags with which the C library makes a thread, and only a thread
_DETACHED = 0x00400000  # musl adds it; the kernel ignores it
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_UNIX = 1
_MAP_PRIVATE, _MAP_TYPE, _MAP_GROWSDOWN, _MAP_HUGETLB = 0x02, 0x0F, 0x0100, 0x40000
_SET_NAME, _GET_NAME, _SET_VMA = 15, 16, 0x53564D41
_DUP, _GET_FLAGS, _SET_FLAGS, _GET_STATUS, _SET_STATUS, _DUP_CLOEXEC = 0, 1, 2, 3, 4, 1030
_TCGETS, _TIOCGWINSZ, _FIOCLEX, _FIONCLEX = 0x5401, 0x5413, 0x5451, 0x5450


def _values(argument: int, *values: int) -> tuple[Match, ...]:
    """The matches that hold where the argument is one of the values."""
    return tuple(Match(argument, value) for value in values)


def _all(action: int, names: str) -> tuple[Rule, ...]:
    """One unconditional rule for each name."""
    return tuple(Rule(name, action) for name in names.split())


STAGE_1_DEFAULT = ALLOW
STAGE_1: tuple[Rule, ...] = (
    Rule("clone", ALLOW, (Match(0, 0, mask=_NAMESPACES),)),
    Rule("clone3", ABSENT),  # its flags lie in memory, out of a filter's reach; the C library then takes `clone`
    Rule("ioctl", REFUSE, _values(1, _TIOCSTI, _TIOCLINUX), otherwise=ALLOW),
    Rule("socket", ALLOW, _values(0, _UNIX)),
    Rule("personality", ALLOW, _values(0, 0, 0xFFFFFFFF)),
    *_all(REFUSE, "unshare setns mount umount2 pivot_root chroot mount_setattr move_mount open_tree"),
    *_all(REFUSE, "fsopen fsconfig fsmount fspick open_by_handle_at name_to_handle_at fanotify_init"),
    *_all(REFUSE, "ptrace process_vm_readv process_vm_writev process_madvise process_mrelease kcmp pidfd_open"),
    *_all(REFUSE, "pidfd_getfd pidfd_send_signal add_key request_key keyctl bpf perf_event_open userfaultfd"),
    *_all(REFUSE, "io_uring_setup io_uring_enter io_uring_register io_setup io_submit io_destroy io_cancel"),
    *_all(REFUSE, "init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff acct"),
    *_all(REFUSE, "quotactl quotactl_fd syslog settimeofday clock_settime adjtimex clock_adjtime sethostname"),
    *_all(REFUSE, "setdomainname lookup_dcookie nfsservctl vhangup uselib ustat sysfs _sysctl iopl ioperm modify_ldt"),
    *_all(REFUSE, "shmget shmat shmctl shmdt semget semop semctl semtimedop msgget msgsnd msgrcv msgctl"),
    *_all(REFUSE, "mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr"),
    *_all(REFUSE, "mbind migrate_pages move_pages set_mempolicy set_mempolicy_home_node memfd_secret"),
)

STAGE_2_DEFAULT = REFUSE
STAGE_2: tuple[Rule, ...] = (
    # What a training loop calls most stands first: the walk is from top to bottom.
    *_all(ALLOW, "futex read write clock_gettime madvise munmap brk mprotect mremap"),
    # Shared maps escape RLIMIT_DATA, and so does a map that says of itself that it is a stack.
    Rule("mmap", ALLOW, (Match(3, _MAP_PRIVATE, mask=_MAP_TYPE | _MAP_GROWSDOWN | _MAP_HUGETLB),)),
    # Files that are open or can be opened read-only: the file system itself refuses to be written.
    *_all(
        ALLOW, "readv writev pread64 pwrite64 preadv pwritev lseek close close_range open openat getdents getdents64"
    ),
    *_all(ALLOW, "stat lstat fstat newfstatat statx access faccessat faccessat2 getcwd"),
    *_all(ALLOW, "dup dup2 dup3 fadvise64 poll ppoll select pselect6"),
    # What /proc/self/fd points to would tell where the host keeps things: nothing is a link here.
    *_all(NO_LINK, "readlink readlinkat"),
    Rule("fcntl", ALLOW, _values(1, _DUP, _GET_FLAGS, _SET_FLAGS, _GET_STATUS, _SET_STATUS, _DUP_CLOEXEC)),
    Rule("ioctl", ALLOW, _values(1, _TCGETS, _TIOCGWINSZ, _FIOCLEX, _FIONCLEX)),
    # Threads, and nothing that would be a process.
    Rule("clone", ALLOW, (Match(0, _THREAD, mask=0xFFFFFFFF & ~_DETACHED),)),
    Rule("clone3", ABSENT),
    *_all(ALLOW, "set_robust_list set_tid_address rseq exit exit_group sched_yield sched_getaffinity getcpu"),
    *_all(
        ALLOW,
        "getpid getppid gettid getuid geteuid getgid getegid getresuid getresgid getgroups getpgrp getpgid getsid",
    ),
    Rule("prctl", ALLOW, _values(0, _SET_NAME, _GET_NAME, _SET_VMA)),
    # Time, chance, and what the machine is.
    *_all(ALLOW, "clock_getres clock_nanosleep nanosleep gettimeofday time times getrandom uname sysinfo getrusage"),
    *_all(ALLOW, "getitimer setitimer alarm pause getpriority sched_getscheduler sched_getparam"),
    Rule("prlimit64", ALLOW, _values(0, 0, OWN_PID)),
    *_all(ALLOW, "getrlimit setrlimit"),
    # Signals, to the process itself alone.
    *_all(ALLOW, "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend sigaltstack"),
    *_all(ALLOW, "restart_syscall"),
    Rule("kill", ALLOW, _values(0, OWN_PID)),
    Rule("tgkill", ALLOW, _values(0, OWN_PID)),
    # Newer forms of calls above: absent rather than refused, so that the C library takes the older one.
    *_all(ABSENT, "openat2 futex_waitv"),
)
