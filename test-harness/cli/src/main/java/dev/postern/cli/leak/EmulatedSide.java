package dev.postern.cli.leak;

import dev.postern.cli.run.BootRequest;
import dev.postern.cli.words.ByteSize;
import dev.postern.emulated.EmulatedMachine;
import dev.postern.emulated.ReadSighting;
import dev.postern.emulated.SharedPages;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** The devices of the emulated machine: every byte that they read is looked at while they read it. */
final class EmulatedSide implements DeviceSide {

    private final EmulatedMachine machine;
    private final boolean plain;
    private final List<Canary> canaries;

    private EmulatedSide(EmulatedMachine machine, boolean plain, List<Canary> canaries) {
        this.machine = machine;
        this.plain = plain;
        this.canaries = canaries;
    }

    static EmulatedSide watching(EmulatedMachine machine, String platform, List<Canary> canaries) {
        canaries.forEach(canary -> machine.audit().watch(canary.bytes()));
        return new EmulatedSide(machine, platform.equals(BootRequest.PLAIN), canaries);
    }

    @Override
    public LeakScan scan() {
        List<Sighting> sightings = new ArrayList<>();
        List<String> searched = new ArrayList<>();
        for (Canary canary : canaries) {
            for (ReadSighting sighting : machine.audit().findInDeviceReads(canary.bytes())) {
                sightings.add(new Sighting(
                        canary,
                        "read by %s at 0x%x".formatted(functionOf(sighting.requesterId()), sighting.lastByteDva())));
            }
        }
        searched.add("every read by a device");
        if (plain) {
            searched.add("not the memory in reach of devices, which is all of RAM on plain");
        } else {
            for (Canary canary : canaries) {
                for (long pa : machine.audit().findInSharedPages(canary.bytes())) {
                    sightings.add(new Sighting(canary, "in shared memory at 0x%x".formatted(pa)));
                }
            }
            SharedPages pages = machine.sharedPages();
            searched.add("all %s in reach of devices".formatted(ByteSize.human(pages.count() * pages.pageBytes())));
        }
        return new LeakScan(sightings, searched, List.of());
    }

    /** A requester id as bus, device and function. */
    private static String functionOf(int requesterId) {
        return "%02x:%02x.%d".formatted(requesterId >>> 8, requesterId >>> 3 & 0x1f, requesterId & 7);
    }

    @Override
    public OptionalLong hostSharedBytes() {
        if (plain) {
            return OptionalLong.empty();
        }
        SharedPages pages = machine.sharedPages();
        return OptionalLong.of(pages.count() * pages.pageBytes());
    }
}
