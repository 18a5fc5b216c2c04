#include "program.h"

#include "log.h"

#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the program is little-endian and read in place"
#endif

/* Every CLONE_NEW flag of sched.h, and no other flag of clone3. */
#define CLONE_NEW_ALL 0x7e020080u

static int kind_of(const struct op *op, unsigned argument) {
    return (op->kinds >> (2 * argument)) & 3;
}

static const char *check_pseudo(const struct op *op, enum section section, uint64_t blob) {
    uint64_t at = op->args[1];
    switch (op->number) {
    case OP_SEND_TERMINAL:
        return section == CHILD ? NULL : "a terminal is sent in the child list only";
    case OP_FORK:
        return section == START ? NULL : "fork belongs into the start list";
    case OP_RUN:
        for (unsigned i = 0; i < 3; i++)
            if (kind_of(op, i) != ARG_POINTER)
                return "run needs a path and two lists";
        return section == START ? NULL : "run belongs into the start list";
    case OP_PASS_TERMINAL:
        return section == START ? NULL : "pass_terminal belongs into the start list";
    case OP_HAND_OVER:
        if (kind_of(op, 0) != ARG_POINTER)
            return "hand_over needs a path";
        return section == START ? NULL : "hand_over belongs into the start list";
    case OP_DECIMAL:
        if (kind_of(op, 1) != ARG_POINTER || kind_of(op, 2) != ARG_VALUE)
            return "decimal needs a pointer and a size";
        return op->args[2] >= 21 && op->args[2] <= blob - at ? NULL : "decimal does not fit";
    case OP_LOAD:
        if (kind_of(op, 0) != ARG_POINTER || kind_of(op, 1) != ARG_VALUE || kind_of(op, 2) != ARG_VALUE)
            return "load needs a pointer, an offset and a width";
        if (op->args[2] != 1 && op->args[2] != 2 && op->args[2] != 4)
            return "load has a bad width";
        return op->args[1] < blob && op->args[0] + op->args[1] + op->args[2] <= blob ? NULL : "load does not fit";
    default:
        return "unknown pseudo call";
    }
}

static const char *check_op(const struct op *op, const struct header *h, enum section section, uint32_t index) {
    if (op->kinds >> 13)
        return "unknown bits in an argument's kind";
    for (unsigned i = 0; i < 6; i++) {
        switch (kind_of(op, i)) {
        case ARG_VALUE:
            break;
        case ARG_POINTER:
            if (op->args[i] >= h->blob)
                return "a pointer is outside the blob";
            break;
        case ARG_SLOT:
            if (op->args[i] >= h->slots)
                return "an argument names a slot that does not exist";
            break;
        default:
            return "unknown kind of argument";
        }
    }
    if (op->save != 0xff && op->save >= h->slots)
        return "a result goes to a slot that does not exist";
    if (op->skip > h->counts[section] - 1 - index)
        return "skips past the end of its list";
    if (op->tolerated[0] > 4095 || op->tolerated[1] > 4095)
        return "a tolerated error is no error number";
    if (op->label != NONE && op->label >= h->blob)
        return "a label is outside the blob";
    if (op->number >= OP_SEND_TERMINAL)
        return check_pseudo(op, section, h->blob);
    return NULL;
}

static const char *check_config(const struct header *h, const char *blob) {
    if (h->flags & ~CONFIG_ALL)
        return "unknown configuration flags";
    if (h->stall_seconds < 1 || h->stall_seconds > 1u << 30 || h->grace_seconds < 1 || h->grace_seconds > 1u << 30)
        return "a time is out of range";
    if (h->buffer < 1024 || h->buffer > 64u << 20)
        return "the buffer is out of range";
    if (h->log_files < 1 || h->log_files > 1000 || h->log_max > (uint64_t)INT64_MAX)
        return "the log's limits are out of range";
    if (h->id >= h->blob || h->log_path >= h->blob || h->record_path >= h->blob || h->socket_path >= h->blob)
        return "a configuration string is outside the blob";
    if (h->log_attributes >= h->blob || strlen(blob + h->log_attributes) > LOG_ATTRIBUTES_MAX)
        return "the log's attributes are outside the blob or too long";
    if (strlen(blob + h->id) > 128 || strlen(blob + h->log_path) > 4000 || strlen(blob + h->record_path) > 4000)
        return "a configuration string is too long";
    size_t socket = strlen(blob + h->socket_path);
    if (socket == 0 || socket > 107 || blob[h->record_path] == 0)
        return "the socket's or the exit record's path is missing or too long";
    if ((h->flags & CONFIG_LOG) && blob[h->log_path] == 0)
        return "the log's path is missing";
    return NULL;
}

static const char *check_header(const struct header *h, size_t size, enum program_kind kind, uint64_t *ops) {
    if (h->magic != PROGRAM_MAGIC)
        return "not a stage program";
    if (h->version != PROGRAM_VERSION)
        return "another version of the stage program";
    if (h->total != size)
        return "the program is cut off or has something behind it";
    if (h->slots < 2 || h->slots > PROGRAM_SLOTS)
        return "the number of slots is out of range";
    if (h->cgroup_slot < -1 || (h->cgroup_slot >= 0 && (uint32_t)h->cgroup_slot >= h->slots))
        return "the cgroup's slot does not exist";
    if (h->clone_flags & ~(uint64_t)CLONE_NEW_ALL)
        return "clone flags other than CLONE_NEW";
    *ops = 0;
    for (int s = 0; s < SECTIONS; s++) {
        if (h->counts[s] > PROGRAM_MAX_OPS)
            return "a list is too long";
        if (h->counts[s] > 0 && (s == START) != (kind == PROGRAM_START))
            return "a list that this kind of program has not";
        *ops += h->counts[s];
    }
    if (h->blob < 8 || h->blob % 8 != 0)
        return "the blob's length is not a multiple of 8";
    uint64_t need = sizeof *h + *ops * sizeof(struct op) + (uint64_t)h->relocations * 8 + h->blob;
    return need == size ? NULL : "the parts do not add up to the whole";
}

const char *program_read(void *bytes, size_t size, enum program_kind kind, struct program *out) {
    if (size < sizeof(struct header) || size > PROGRAM_MAX || (uintptr_t)bytes % 8 != 0)
        return "the program's size is out of range";
    struct header *h = bytes;
    uint64_t total_ops;
    const char *wrong = check_header(h, size, kind, &total_ops);
    if (wrong != NULL)
        return wrong;
    struct op *ops = (struct op *)(h + 1);
    const uint32_t *relocations = (const uint32_t *)(ops + total_ops);
    char *blob = (char *)(relocations + (size_t)h->relocations * 2);
    if (blob[h->blob - 1] != 0)
        return "the blob does not end in NUL";
    if (kind == PROGRAM_CREATE && (wrong = check_config(h, blob)) != NULL)
        return wrong;
    struct op *next = ops;
    for (int s = 0; s < SECTIONS; s++) {
        out->ops[s] = next;
        for (uint32_t i = 0; i < h->counts[s]; i++, next++)
            if ((wrong = check_op(next, h, (enum section)s, i)) != NULL)
                return wrong;
    }
    for (uint32_t i = 0; i < h->relocations; i++) {
        uint32_t at = relocations[2 * i], to = relocations[2 * i + 1];
        if (at % 8 != 0 || at > h->blob - 8 || to >= h->blob)
            return "a relocation is outside the blob";
        uint64_t pointer = (uint64_t)(uintptr_t)(blob + to);
        memcpy(blob + at, &pointer, 8);
    }
    out->header = h;
    out->blob = blob;
    return NULL;
}
