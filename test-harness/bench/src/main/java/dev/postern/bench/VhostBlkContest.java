package dev.postern.bench;

import java.nio.file.Path;
import java.util.List;

/** Two front-ends that are put beside each other, at two exports of one daemon. */
enum VhostBlkContest {
    /** Our driver and the C front-end, at a disk that moves no data: what the path itself costs. */
    DRIVER_BESIDE_C("Java", "C", VhostBlkMedium.NOTHING),
    /** Our driver twice, at an image in the page cache: what bouncing adds when the daemon moves data. */
    BOUNCED_BESIDE_DIRECT("Bounced", "Direct", VhostBlkMedium.IMAGE);

    private final String name;
    private final String peer;
    private final VhostBlkMedium medium;

    VhostBlkContest(String name, String peer, VhostBlkMedium medium) {
        this.name = name;
        this.peer = peer;
        this.medium = medium;
    }

    /** What is measured. */
    String measured() {
        return name;
    }

    /** What it is put beside. */
    String peer() {
        return peer;
    }

    /** What the disk is made of. */
    VhostBlkMedium medium() {
        return medium;
    }

    /** The words that start the measured program. */
    List<String> measuredWords(Path socket, VhostBlkWaiting waiting) {
        return VhostBlkProgram.words(
                socket, waiting, this == DRIVER_BESIDE_C ? MappingPlan.DIRECT : MappingPlan.BOUNCED);
    }

    /** The words that start what it is put beside. */
    List<String> peerWords(Path socket, VhostBlkWaiting waiting, CompiledPeer c) {
        if (this == BOUNCED_BESIDE_DIRECT) {
            return VhostBlkProgram.words(socket, waiting, MappingPlan.DIRECT);
        }
        return List.of(
                c.words().getFirst(),
                socket.toString(),
                waiting.word(),
                Long.toString(medium.bytes() / VhostBlkSetting.BLOCK));
    }
}
