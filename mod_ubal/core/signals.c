/* Signals. See signals.h. */
#include "core/signals.h"

#include <pthread.h>
#include <stddef.h>

void ubal_signals_block(sigset_t *before)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
    sigset_t blocked;
    size_t i;

    sigfillset(&blocked);
    for (i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
        sigdelset(&blocked, faults[i]);
    }
    pthread_sigmask(SIG_BLOCK, &blocked, before);
}
