/* Decimal digits, two at a time: what each reply writes most of. */
#ifndef UBAL_CORE_DIGITS_H
#define UBAL_CORE_DIGITS_H

#include <string.h>

/* Writes `value`, 0 to 99, as two digits to text[2], without a zero byte. */
static inline void ubal_digits_two(char *text, unsigned int value)
{
    static const char pairs[] = "00010203040506070809"
                                "10111213141516171819"
                                "20212223242526272829"
                                "30313233343536373839"
                                "40414243444546474849"
                                "50515253545556575859"
                                "60616263646566676869"
                                "70717273747576777879"
                                "80818283848586878889"
                                "90919293949596979899";

    memcpy(text, pairs + (size_t)2 * value, 2);
}

#endif
