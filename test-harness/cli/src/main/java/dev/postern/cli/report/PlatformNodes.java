package dev.postern.cli.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.postern.cli.run.FoundPlatform;
import dev.postern.cli.run.MemoryLayout;

/** The parts of a document that say what platform the guest found and how its memory is divided. */
final class PlatformNodes {

    private PlatformNodes() {}

    /** Adds {@code detected}: name, mechanism and granule in bytes, and {@code trace}, how it was found. */
    static void putDetected(ObjectNode root, FoundPlatform platform) {
        ObjectNode node = root.putObject("detected");
        node.put("platform", platform.name());
        node.put(
                "mechanism",
                platform.sharing().map(FoundPlatform.Sharing::mechanism).orElse(null));
        platform.sharing().ifPresent(sharing -> node.put("granule", sharing.granuleBytes()));
        ArrayNode trace = root.putArray("trace");
        platform.trace()
                .forEach(fact -> trace.addObject().put("fact", fact.value()).put("source", fact.source()));
    }

    /** Adds {@code memory}, and {@code pool} where there is one. */
    static void putMemory(ObjectNode root, MemoryLayout memory) {
        ArrayNode parts = root.putArray("memory");
        memory.parts()
                .forEach(part -> parts.addObject()
                        .put("base", hex(part.range().basePa()))
                        .put("bytes", part.range().length())
                        .put("reach", part.reach().key()));
        memory.pool().ifPresent(pool -> {
            ObjectNode node = root.putObject("pool");
            node.put("bytes", pool.bytes());
            node.put("most", pool.mostBytes());
            node.put("address", hex(pool.ranges().getFirst().basePa()));
            node.put("deviceAddress", hex(pool.firstDva()));
        });
    }

    /** An address: a string, for a JSON number need not hold 64 bits. */
    static String hex(long address) {
        return "0x" + Long.toHexString(address);
    }
}
