#include "programs/scan/cage.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "base/err.h"

#if defined(__x86_64__)
#define CAGE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define CAGE_ARCH AUDIT_ARCH_AARCH64
#endif

/* Sanitizers reserve terabytes of addresses, and look at their own process at its end. */
#if defined(__SANITIZE_ADDRESS__)
#define CAGE_OPEN 1
#endif

static int limit(int resource, rlim_t most, struct err *err)
{
    const struct rlimit limits = {most, most};

    if (setrlimit(resource, &limits) != 0)
        return err_set(err, ERR_SYSTEM, errno, "setrlimit: %s", strerror(errno));
    return 0;
}

static int limits_set(struct err *err)
{
#ifndef CAGE_OPEN
    if (limit(RLIMIT_AS, (rlim_t)CAGE_MEMORY_MB << 20, err) < 0)
        return -1;
#endif
    if (limit(RLIMIT_CPU, CAGE_SECONDS, err) < 0 || limit(RLIMIT_CORE, 0, err) < 0 ||
        limit(RLIMIT_FSIZE, 0, err) < 0 || limit(RLIMIT_NPROC, 0, err) < 0 ||
        limit(RLIMIT_NOFILE, 3, err) < 0)
        return -1;
    return 0;
}

#if defined(CAGE_ARCH) && !defined(CAGE_OPEN)

#define ALLOW(call)                                                                                \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 1),                                             \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/* Whatever else is asked for fails with EPERM, which the libraries know how to take. */
static int calls_filter(struct err *err)
{
    static struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CAGE_ARCH, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ALLOW(SYS_read),          ALLOW(SYS_write),
        ALLOW(SYS_brk),           ALLOW(SYS_mmap),
        ALLOW(SYS_munmap),        ALLOW(SYS_mremap),
        ALLOW(SYS_madvise),       ALLOW(SYS_futex),
        ALLOW(SYS_clock_gettime), ALLOW(SYS_getrandom),
        ALLOW(SYS_rt_sigprocmask), ALLOW(SYS_rt_sigaction),
        ALLOW(SYS_rt_sigreturn),  ALLOW(SYS_getpid),
        ALLOW(SYS_gettid),        ALLOW(SYS_tgkill),
        ALLOW(SYS_exit),          ALLOW(SYS_exit_group),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    };
    static const struct sock_fprog program = {sizeof(filter) / sizeof(filter[0]), filter};

    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0 && errno != EINVAL)
        return err_set(err, ERR_SYSTEM, errno, "seccomp: %s", strerror(errno));
    return 0;
}

#else

static int calls_filter(struct err *err)
{
    (void)err;
    return 0;
}

#endif

int cage_enter(struct err *err)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_DUMPABLE, 0) != 0)
        return err_set(err, ERR_SYSTEM, errno, "prctl: %s", strerror(errno));
    return limits_set(err) < 0 || calls_filter(err) < 0 ? -1 : 0;
}
