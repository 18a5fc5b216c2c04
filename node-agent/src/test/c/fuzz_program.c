/* Feeds anything to the reader of stage programs, both kinds. What it accepts is used as run_section would: no step beyond. */
#include "program.h"

#include <stdlib.h>
#include <string.h>

static volatile unsigned sum;

static void touch(const struct program *p) {
    for (int s = 0; s < SECTIONS; s++)
        for (uint32_t i = 0; i < p->header->counts[s]; i++) {
            const struct op *op = &p->ops[s][i];
            for (unsigned a = 0; a < 6; a++)
                if (((op->kinds >> (2 * a)) & 3) == ARG_POINTER)
                    sum += (unsigned char)p->blob[op->args[a]];
            if (op->number == OP_LOAD)
                sum += (unsigned char)p->blob[op->args[0] + op->args[1] + op->args[2] - 1];
            if (op->number == OP_DECIMAL)
                memset(p->blob + op->args[1], '1', op->args[2]);
            if (op->label != NONE) {
                size_t room = p->header->blob - op->label;
                sum += (unsigned)strnlen(p->blob + op->label, room < LABEL_MAX ? room : LABEL_MAX);
            }
            if (i + op->skip >= p->header->counts[s])
                abort();
            if (op->save != 0xff && op->save >= PROGRAM_SLOTS)
                abort();
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    for (int kind = PROGRAM_CREATE; kind <= PROGRAM_START; kind++) {
        /* Exactly as large as the data, so that a read beyond is seen. */
        void *bytes = malloc(size + 8);
        memcpy(bytes, data, size);
        void *exact = realloc(bytes, size > 0 ? size : 1);
        struct program program;
        if (program_read(exact, size, (enum program_kind)kind, &program) == NULL)
            touch(&program);
        free(exact);
    }
    return 0;
}
