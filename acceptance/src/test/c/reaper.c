/*
 * Stands in for Ryuk, Testcontainers' reaper: listens on port 8080, takes lines of filters ("label=a%3Db&label=c%3Dd"), answers each with
 * ACK, and when the connection has ended removes the containers, networks, volumes and images with these labels through the
 * engine's socket, which is mounted into its container. Then it ends.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { FILTERS = 8, ROOM = 1 << 20 };

static char filters[FILTERS][2048];
static char answer[ROOM];

static void fail(const char *what) {
    perror(what);
    exit(1);
}

/* One request on a connection of its own; the answer, head and body, is in "answer". The engine closes (HTTP/1.0). */
static void call(const char *method, const char *target) {
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/var/run/docker.sock"};
    int engine = socket(AF_UNIX, SOCK_STREAM, 0);
    if (engine < 0 || connect(engine, (struct sockaddr *)&address, sizeof address) != 0)
        fail(address.sun_path);
    dprintf(engine, "%s %s HTTP/1.0\r\nHost: docker\r\n\r\n", method, target);
    size_t length = 0;
    ssize_t got;
    while (length < ROOM - 1 && (got = read(engine, answer + length, ROOM - 1 - length)) > 0)
        length += (size_t)got;
    answer[length] = 0;
    close(engine);
    printf("%s %s: %.12s\n", method, target, answer);
}

/* In place (RFC 3986, 2.1). */
static void unescape(char *text) {
    char *to = text;
    for (; *text; to++) {
        if (text[0] == '%' && isxdigit((unsigned char)text[1]) && isxdigit((unsigned char)text[2])) {
            *to = (char)strtol((char[]){text[1], text[2], 0}, NULL, 16);
            text += 3;
        } else {
            *to = *text++;
        }
    }
    *to = 0;
}

static void escape(const char *from, char *to, size_t room) {
    for (; *from && room > 4; from++) {
        int n = isalnum((unsigned char)*from) ? snprintf(to, room, "%c", *from) : snprintf(to, room, "%%%02X", (unsigned char)*from);
        to += n;
        room -= (size_t)n;
    }
    *to = 0;
}

/* Removes each of what a list has, by the member that names it. */
static void removeAll(const char *list, const char *member, const char *path, const char *options) {
    for (int i = 0; i < FILTERS && filters[i][0]; i++) {
        char json[4096] = "{\"label\":[", escaped[12288], target[16384];
        char *line = strdup(filters[i]);
        const char *separator = "";
        for (char *part = strtok(line, "&"); part; part = strtok(NULL, "&")) {
            if (strncmp(part, "label=", 6) != 0)
                continue;
            unescape(part);
            size_t used = strlen(json);
            snprintf(json + used, sizeof json - used, "%s\"%s\"", separator, part + 6);
            separator = ",";
        }
        free(line);
        strncat(json, "]}", sizeof json - strlen(json) - 1);
        escape(json, escaped, sizeof escaped);
        snprintf(target, sizeof target, "%s%sfilters=%s", list, strchr(list, '?') ? "&" : "?", escaped);
        call("GET", target);
        char *names = strdup(answer), *next = names;
        char key[32], own[64];
        snprintf(key, sizeof key, "\"%s\":\"", member);
        gethostname(own, sizeof own); /* The container's short id: it ends by itself. */
        while ((next = strstr(next, key)) != NULL) {
            next += strlen(key);
            char *end = strchr(next, '"');
            if (!end)
                break;
            snprintf(target, sizeof target, "%s/%.*s%s", path, (int)(end - next), next, options);
            if (strncmp(next, own, 12) != 0)
                call("DELETE", target);
            next = end;
        }
        free(names);
    }
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(8080)};
    int yes = 1, server = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(server, (struct sockaddr *)&address, sizeof address) != 0 || listen(server, 8) != 0)
        fail("port 8080");
    puts("Started!");
    for (int known = 0; known == 0;) {
        /* Whoever only looks whether the port is open sends nothing. */
        int client = accept(server, NULL, NULL);
        FILE *in = fdopen(client, "r");
        if (client < 0 || in == NULL)
            fail("accept");
        while (known < FILTERS && fgets(filters[known], sizeof filters[known], in)) {
            filters[known][strcspn(filters[known], "\r\n")] = 0;
            if (filters[known][0]) {
                printf("told %s\n", filters[known++]);
                dprintf(client, "ACK\n");
            }
        }
        fclose(in);
    }
    removeAll("/containers/json?all=1", "Id", "/containers", "?force=1&v=1");
    removeAll("/networks", "Id", "/networks", "");
    removeAll("/volumes", "Name", "/volumes", "");
    removeAll("/images/json", "Id", "/images", "?force=1");
    return 0;
}
