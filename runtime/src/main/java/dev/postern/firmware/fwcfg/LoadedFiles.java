package dev.postern.firmware.fwcfg;

import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The files that the script has had put into RAM so far. */
final class LoadedFiles {

    private final FwCfg fwCfg;
    private final FrameAllocator frames;
    private final Map<String, LoadedFile> files = new LinkedHashMap<>();

    LoadedFiles(FwCfg fwCfg, FrameAllocator frames) {
        this.fwCfg = fwCfg;
        this.frames = frames;
    }

    void allocate(String name, int alignment) {
        if (files.containsKey(name)) {
            throw new FwCfgException("fw_cfg: the table loader script allocates %s twice".formatted(name));
        }
        if (alignment <= 0 || Integer.bitCount(alignment) != 1) {
            throw new FwCfgException("fw_cfg: the table loader script wants %s aligned to %d, which is no power of two"
                    .formatted(name, Integer.toUnsignedLong(alignment)));
        }
        byte[] bytes = fwCfg.file(name)
                .filter(content -> content.length > 0)
                .orElseThrow(() -> new FwCfgException(
                        "fw_cfg: the table loader script allocates %s, which is empty or does not exist"
                                .formatted(name)));
        PhysRange run = frames.allocate(
                bytes.length, FrameRequest.BELOW_4_GIB.withAlignment(Math.max(alignment, FrameAllocator.FRAME_BYTES)));
        MemorySegment memory = frames.memory().slice(run.basePa(), bytes.length);
        memory.copyFrom(MemorySegment.ofArray(bytes));
        files.put(name, new LoadedFile(name, run, memory));
    }

    LoadedFile get(String name) {
        LoadedFile file = files.get(name);
        if (file == null) {
            throw new FwCfgException("fw_cfg: the table loader script did not allocate %s".formatted(name));
        }
        return file;
    }

    List<PhysRange> ranges() {
        return files.values().stream().map(LoadedFile::frames).toList();
    }

    void freeAll() {
        ranges().forEach(frames::free);
        files.clear();
    }
}
