/* Signals and threads of ours in somebody else's process. */
#ifndef UBAL_CORE_SIGNALS_H
#define UBAL_CORE_SIGNALS_H

#include <signal.h>

/* Blocks, for the calling thread and those that it starts from now on, all
 * signals but those that a fault raises, which are for the thread that made
 * it: the others are for the process's own threads. Sets `*before` to what
 * pthread_sigmask() is to restore. */
void ubal_signals_block(sigset_t *before);

#endif
