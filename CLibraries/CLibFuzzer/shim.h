#include <stddef.h>
#include <stdint.h>

// Clang's own library, linked by -sanitize=fuzzer; it comes without a header.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));
