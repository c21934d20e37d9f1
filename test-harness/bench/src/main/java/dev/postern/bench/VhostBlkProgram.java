package dev.postern.bench;

import com.sun.management.ThreadMXBean;
import dev.postern.attach.VhostUserMachine;
import dev.postern.boot.Boot;
import dev.postern.boot.BootOptions;
import dev.postern.boot.BootedGuest;
import dev.postern.boot.DeviceReport;
import dev.postern.boot.ForcedPlan;
import dev.postern.machine.RamRegion;
import dev.postern.memory.FrameRequest;
import dev.postern.virtio.VirtioException;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.queue.QueueOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * The Java side of {@code bench vhost-blk}: boots a guest at a running daemon, says the size of the pages that its memory lies in, and is
 * asked as the C peer is, until its input ends:
 *
 * <pre>
 * read|write DEPTH MILLIS      the numbers of a {@link VhostBlkRun}
 * </pre>
 */
public final class VhostBlkProgram {

    /** The C peer's name. */
    static final String PEER = "vhost-blk-peer";

    /** Those of the command but for its cache of classes, which would make no difference to a program that is warm. */
    static final List<String> JVM_OPTIONS = List.of("-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED");

    private static final long RAM_BYTES = 64 << 20;

    private final VhostBlkLoop loop;
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private VhostBlkProgram(VhostBlkLoop loop) {
        this.loop = loop;
    }

    /** The words that start it. */
    static List<String> words(Path socket, VhostBlkWaiting waiting, MappingPlan plan) {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(JVM_OPTIONS);
        words.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                VhostBlkProgram.class.getName(),
                socket.toString(),
                waiting.name(),
                plan.name()));
        return List.copyOf(words);
    }

    /** Runs it with those words. */
    public static void main(String[] args) throws Exception {
        BootOptions options = BootOptions.defaults()
                .withInterrupts(VhostBlkWaiting.valueOf(args[1]).mode())
                .withQueues(QueueOptions.Code.SPECIALISED);
        if (MappingPlan.valueOf(args[2]) == MappingPlan.BOUNCED) {
            options = options.withForced(ForcedPlan.BOUNCED);
        }
        try (VhostUserMachine machine = VhostUserMachine.builder()
                        .ramBytes(RAM_BYTES)
                        .join(Path.of(args[0]))
                        .build();
                BootedGuest guest = Boot.start(machine, options, event -> {})) {
            BlkDevice disk = guest.disks().stream()
                    .findFirst()
                    .orElseThrow(() -> new IOException("no disk came up: "
                            + guest.devices().stream().map(DeviceReport::why).collect(Collectors.joining("; "))));
            long pa = guest.frames()
                    .allocate((long) VhostBlkSetting.MOST_DEPTH * VhostBlkSetting.BLOCK, FrameRequest.ANY)
                    .basePa();
            System.out.println(pageBytes(machine));
            new VhostBlkProgram(
                            new VhostBlkLoop(disk, disk.configuration().capacityBytes() / VhostBlkSetting.BLOCK, pa))
                    .serve();
        }
    }

    private static long pageBytes(VhostUserMachine machine) {
        return machine.shareableRam().stream()
                .flatMap(region -> region.backing().stream())
                .mapToLong(RamRegion.Backing::pageBytes)
                .min()
                .orElse(0);
    }

    private void serve() throws IOException, VirtioException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line;
        while ((line = in.readLine()) != null) {
            String[] words = line.split(" ");
            VhostBlkWork work = words[0].equals(VhostBlkWork.READ.word()) ? VhostBlkWork.READ : VhostBlkWork.WRITE;
            long nanos = TimeUnit.MILLISECONDS.toNanos(Long.parseLong(words[2]));
            System.out.println(run(work, Integer.parseInt(words[1]), nanos).answer());
        }
    }

    private VhostBlkRun run(VhostBlkWork work, int depth, long nanos) throws VirtioException {
        long waited = CoreWait.ofThread();
        long bytes = threads.getCurrentThreadAllocatedBytes();
        long cpu = threads.getCurrentThreadCpuTime();
        long start = System.nanoTime();
        long requests = loop.run(work, depth, nanos);
        long took = System.nanoTime() - start;
        cpu = threads.getCurrentThreadCpuTime() - cpu;
        bytes = threads.getCurrentThreadAllocatedBytes() - bytes;
        waited = CoreWait.ofThread() - waited;
        return new VhostBlkRun(requests, took, cpu, waited, loop.median(), loop.tail(), bytes, 0);
    }
}
