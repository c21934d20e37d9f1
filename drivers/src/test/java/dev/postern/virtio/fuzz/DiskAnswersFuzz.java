package dev.postern.virtio.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.fake.DiskRequest;
import dev.postern.virtio.fake.SeenBuffer;

/** A disk that answers requests in any way: wrongly, twice, in part, with other ids and lengths, or not at all. */
class DiskAnswersFuzz {

    @FuzzTest(maxDuration = "15s")
    void requestsAreAnsweredInAnyWay(byte[] bytes) {
        FuzzInput input = new FuzzInput(bytes);
        try (FuzzedDisk disk = new FuzzedDisk(input.u8())) {
            int choice = input.u8();
            FeatureSet offered = FeatureSet.of(1, 2, 6, 9, 32);
            offered = (choice & 1) != 0 ? offered.with(28) : offered;
            disk.transport.offered = (choice & 2) != 0 ? offered.with(29) : offered;
            disk.transport.queueSize = 4 << (choice >> 4 & 3);
            disk.device.answer = request -> answer(disk, request, input);
            if (!disk.open((choice & 4) != 0 ? InterruptMode.POLLED : InterruptMode.MSIX)) {
                throw new AssertionError("an ordinary disk does not open");
            }
            while (input.hasMore()) {
                disk.call(input);
            }
        }
    }

    private static void answer(FuzzedDisk disk, DiskRequest request, FuzzInput input) {
        // An input that has ended answers honestly, so that what it began comes to an end.
        switch (input.below(11)) {
            case 1 -> disk.device.finish(request, input.u8(), lengthOf(request, input));
            case 2 -> write(disk, request, input);
            case 3 -> {
                write(disk, request, input);
                disk.device.finish(request, input.u8() < 128 ? 0 : input.u8(), lengthOf(request, input));
            }
            case 4 -> disk.device.complete(input.u8() < 192 ? input.below(64) : input.s32(), input.s32());
            case 5 -> disk.transport.askForReset();
            case 6 -> {
                disk.honestly(request);
                disk.device.complete(request.chain().head(), lengthOf(request, input));
            }
            case 7 -> {
                disk.transport.queue().usedIndex(input.u16());
                disk.transport.raiseQueue();
            }
            case 8 -> {
                disk.transport.queue().put(input.below(disk.transport.queue().size()), input.s32(), input.s32());
                disk.honestly(request);
            }
            case 9 -> {
                disk.transport.config.put(input.below(disk.transport.config.capacity()), (byte) input.u8());
                disk.transport.raiseConfiguration();
                disk.honestly(request);
            }
            case 10 -> disk.transport.raiseQueue();
            default -> disk.honestly(request);
        }
    }

    private static int lengthOf(DiskRequest request, FuzzInput input) {
        int choice = input.u8();
        return choice < 128 ? request.honestLength() : choice < 192 ? choice - 128 : input.s32();
    }

    /** Fills a part of what the device may write. */
    private static void write(FuzzedDisk disk, DiskRequest request, FuzzInput input) {
        for (SeenBuffer buffer : request.chain().buffers()) {
            if (buffer.writable()) {
                disk.write(buffer.dva(), input.take((int) Math.min(buffer.length(), input.below(16))));
            }
        }
    }
}
