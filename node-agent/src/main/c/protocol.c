#include "protocol.h"

#include "program.h"

#include <string.h>

enum { IN_HELLO, IN_HEAD, IN_PAYLOAD, IN_PROGRAM, IN_ATTACH, IN_ERROR };

/* Gathers up to `want` bytes in head. True when they are there. */
static int gather(struct reader *r, uint32_t want, const uint8_t **at, size_t *left) {
    size_t missing = want - r->have;
    size_t take = *left < missing ? *left : missing;
    if (take > 0)
        memcpy(r->head + r->have, *at, take);
    r->have += (uint32_t)take;
    *at += take;
    *left -= take;
    return r->have == want;
}

static enum event bad(struct reader *r) {
    r->state = IN_ERROR;
    return EVENT_BAD;
}

static enum event hello(struct reader *r) {
    r->have = 0;
    r->kind = r->head[1];
    r->flags = r->head[2];
    if (r->head[0] != PROTOCOL_VERSION || (r->kind != CONTROL && r->kind != ATTACH) || r->flags > 7 || r->head[3] != 0)
        return bad(r);
    r->state = r->kind == CONTROL ? IN_HEAD : IN_ATTACH;
    return EVENT_HELLO;
}

static enum event head(struct reader *r) {
    struct command *c = &r->command;
    r->have = 0;
    memset(c, 0, sizeof *c);
    memcpy(&c->size, r->head, 4);
    c->type = r->head[4];
    memcpy(&c->sequence, r->head + 5, 4);
    switch (c->type) {
    case COMMAND_START:
        if (c->size < sizeof(struct header) || c->size > PROGRAM_MAX)
            return bad(r);
        r->left = c->size;
        r->state = IN_PROGRAM;
        return EVENT_BEGIN;
    case COMMAND_SIGNAL:
    case COMMAND_RESIZE:
        if (c->size != 4)
            return bad(r);
        r->state = IN_PAYLOAD;
        return EVENT_NONE;
    case COMMAND_ABORT:
    case COMMAND_CLOSE_STDIN:
        return c->size == 0 ? EVENT_COMMAND : bad(r);
    default:
        return bad(r);
    }
}

enum event reader_next(struct reader *r, const uint8_t **at, size_t *left) {
    switch (r->state) {
    case IN_HELLO:
        return gather(r, HELLO_SIZE, at, left) ? hello(r) : EVENT_NONE;
    case IN_HEAD:
        if (!gather(r, COMMAND_SIZE, at, left))
            return EVENT_NONE;
        enum event event = head(r);
        if (event != EVENT_NONE)
            return event;
        /* fall through */
    case IN_PAYLOAD:
        if (!gather(r, 4, at, left))
            return EVENT_NONE;
        r->have = 0;
        memcpy(r->command.payload, r->head, 4);
        r->state = IN_HEAD;
        return EVENT_COMMAND;
    case IN_PROGRAM:
        if (r->left == 0) {
            r->state = IN_HEAD;
            return EVENT_END;
        }
        if (*left == 0)
            return EVENT_NONE;
        r->part = *at;
        r->part_size = *left < r->left ? *left : r->left;
        r->left -= (uint32_t)r->part_size;
        *at += r->part_size;
        *left -= r->part_size;
        return EVENT_PROGRAM;
    case IN_ATTACH:
        return EVENT_NONE;
    default:
        return EVENT_BAD;
    }
}
