/* Feeds one connection's bytes to the reader, cut into pieces by the data itself, and checks that no byte is lost or made up. */
#include "program.h"
#include "protocol.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct reader reader = {0};
    size_t piece = size > 0 ? data[size - 1] % 33u + 1 : 1;
    uint64_t program = 0, announced = 0;
    bool attached = false;
    for (size_t done = 0; done < size; done += piece) {
        const size_t piece_size = size - done < piece ? size - done : piece;
        size_t left = piece_size;
        uint8_t *exact = malloc(left);
        memcpy(exact, data + done, left);
        const uint8_t *at = exact;
        for (enum event event = EVENT_HELLO; event != EVENT_NONE && event != EVENT_BAD;) {
            const uint8_t *before = at;
            event = reader_next(&reader, &at, &left);
            /* From the attach hello on every byte is the process's input, which the reader leaves where it is. */
            if (attached && (event != EVENT_NONE || at != before || left != (size_t)(exact + piece_size - at)))
                abort();
            if (event == EVENT_HELLO && reader.kind == ATTACH) {
                attached = true;
                if ((size_t)(at - exact) + done != HELLO_SIZE)
                    abort();
            }
            if (event == EVENT_BEGIN) {
                announced = reader.command.size;
                program = 0;
                if (announced > PROGRAM_MAX)
                    abort();
            }
            if (event == EVENT_PROGRAM) {
                volatile uint8_t last = reader.part[reader.part_size - 1];
                (void)last;
                program += reader.part_size;
            }
            if (event == EVENT_END && program != announced)
                abort();
            if (event == EVENT_HELLO && reader.kind != CONTROL && reader.kind != ATTACH)
                abort();
        }
        free(exact);
    }
    return 0;
}
