package io.longshore.agent.cgroup.usage;

import io.longshore.contracts.agent.Sample.Block;
import io.longshore.contracts.agent.Sample.Entry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Transfers of block devices: blkio of version 1, io of version 2, which accounts for bytes alone as Docker Engine shows it. */
final class BlockMeter implements Meter<Block> {
    /** Entries of one account; a machine with more devices shows the first. */
    private static final int MOST = 4_096;

    private static final String THROTTLE = "blkio.throttle.";

    @Override
    public String v1Name() {
        return "blkio";
    }

    @Override
    public String v2Name() {
        return "io";
    }

    /** By the accounts of the CFQ scheduler where the kernel has it (before 5.0), else by those of throttling, which count everything too. */
    @Override
    public Block v1(CgroupFiles files) {
        if (files.hasV1("blkio", "blkio.io_serviced_recursive")) {
            Block scheduled = new Block(
                    read(files, "blkio.io_service_bytes_recursive"),
                    read(files, "blkio.io_serviced_recursive"),
                    read(files, "blkio.io_queued_recursive"),
                    read(files, "blkio.io_service_time_recursive"),
                    read(files, "blkio.io_wait_time_recursive"),
                    read(files, "blkio.io_merged_recursive"),
                    read(files, "blkio.time_recursive"),
                    read(files, "blkio.sectors_recursive"));
            if (scheduled.bytes() != null && !scheduled.bytes().isEmpty()) {
                return scheduled;
            }
        }
        List<Entry> none = List.of();
        return new Block(
                throttled(files, "io_service_bytes"),
                throttled(files, "io_serviced"),
                none,
                none,
                none,
                none,
                none,
                none);
    }

    /** Kernels before 4.16 have no account of throttling that has the cgroups below in it. */
    private static List<Entry> throttled(CgroupFiles files, String name) {
        String recursive = THROTTLE + name + "_recursive";
        return read(files, files.hasV1("blkio", recursive) ? recursive : THROTTLE + name);
    }

    private static List<Entry> read(CgroupFiles files, String file) {
        List<Entry> entries = new ArrayList<>();
        files.v1("blkio", file).lines().limit(MOST).forEach(line -> {
            String[] fields = line.split(" ");
            // "8:0 Read 4096"; "8:0 12" of time and sectors; the last line is a sum without a device.
            if (fields.length >= 2 && fields[0].indexOf(':') > 0) {
                String operation = fields.length > 2 ? fields[1] : "";
                add(entries, fields[0], operation, fields[fields.length - 1]);
            }
        });
        return List.copyOf(entries);
    }

    private static void add(List<Entry> entries, String device, String operation, String amount) {
        String[] numbers = device.split(":");
        Long major = CgroupFiles.number(numbers[0]);
        Long minor = numbers.length == 2 ? CgroupFiles.number(numbers[1]) : null;
        Long value = CgroupFiles.number(amount);
        if (major != null && minor != null && value != null) {
            entries.add(new Entry(major, minor, operation, value));
        }
    }

    /** io.stat has lines such as {@code 8:16 rbytes=1459200 wbytes=314773504 rios=192 wios=353 dbytes=0 dios=0}. */
    @Override
    public Block v2(CgroupFiles files) {
        List<Entry> bytes = new ArrayList<>();
        files.v2("io.stat").lines().limit(MOST).forEach(line -> {
            String[] fields = line.split(" ");
            String read = value(fields, "rbytes=");
            String written = value(fields, "wbytes=");
            if (read != null && written != null) {
                add(bytes, fields[0], "read", read);
                add(bytes, fields[0], "write", written);
            }
        });
        return new Block(bytes.isEmpty() ? null : List.copyOf(bytes), null, null, null, null, null, null, null);
    }

    private static @Nullable String value(String[] fields, String key) {
        for (String field : fields) {
            if (field.startsWith(key)) {
                return field.substring(key.length());
            }
        }
        return null;
    }
}
