package dev.postern.app;

import dev.postern.virtio.blk.BlkDevice;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** The SHA-256 of each disk, every byte from first to last, as {@code sha256sum} prints it. */
public final class Digest implements Application {

    /** Has no state. */
    public Digest() {}

    @Override
    public String name() {
        return "digest";
    }

    @Override
    public String purpose() {
        return "SHA-256 of each disk";
    }

    @Override
    public ApplicationResult run(Guest guest) throws IOException {
        if (guest.disks().isEmpty()) {
            throw new ApplicationException("digest needs a disk: add --device blk,file=FILE");
        }
        SequencedMap<String, String> digests = new LinkedHashMap<>();
        long bytes = 0;
        for (BlkDevice disk : guest.disks()) {
            digests.put(disk.name(), digest(disk, guest));
            bytes += disk.configuration().capacityBytes();
        }
        return new ApplicationResult(digests, bytes);
    }

    private static String digest(BlkDevice disk, Guest guest) throws IOException {
        MessageDigest sha = sha256();
        long total = disk.configuration().capacityBytes();
        String task = "digest " + disk.name();
        long[] done = {0};
        new DiskStream(disk, guest.frames()).forEach((sector, pa, bytes) -> {
            sha.update(guest.frames().memory().slice(pa, bytes).asByteBuffer());
            done[0] += bytes;
            guest.progress().advance(task, done[0], total);
        });
        return HexFormat.of().formatHex(sha.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
