package dev.postern.emulated.platform;

import dev.postern.emulated.dma.DmaIntent;
import dev.postern.emulated.dma.DmaView;
import dev.postern.emulated.dma.Requester;
import java.lang.foreign.MemorySegment;

/**
 * What devices see of a secure guest's RAM: the shared pages as they are, and of the others what the platform lets through.
 * An address on the bus is a guest-physical address without C-bit or shared bit. Each access to a page that is not shared is
 * written down, and looks like a success to the device unless the platform refuses it.
 */
final class SecureRam implements DmaView {

    private final SecureMemory memory;
    private final PrivatePages privatePages;
    private final PlatformErrors errors;

    SecureRam(SecureMemory memory, PrivatePages privatePages, PlatformErrors errors) {
        this.memory = memory;
        this.privatePages = privatePages;
        this.errors = errors;
    }

    @Override
    public MemorySegment piece(Requester by, long dva, long length, DmaIntent intent) {
        int page = memory.page(dva);
        if (page < 0) {
            return null;
        }
        MemorySegment bytes =
                memory.sharedByHost(page) ? sharedPage(by, dva, page, intent) : privatePage(by, dva, page, intent);
        return bytes == null ? null : bytes.asSlice(dva & memory.pageBytes() - 1, bytesInPage(dva, length));
    }

    private MemorySegment sharedPage(Requester by, long dva, int page, DmaIntent intent) {
        if (!memory.cpuSeesShared(page)) {
            errors.note(
                    "unmatched-mapping",
                    "%s: DMA %s at 0x%x, a shared page that the CPU maps as private".formatted(by, intent, dva));
        }
        return memory.sharedBacking(page);
    }

    /** The page, or null when the access is refused. */
    private MemorySegment privatePage(Requester by, long dva, int page, DmaIntent intent) {
        String means = intent == DmaIntent.READ ? privatePages.readMeans() : privatePages.writeMeans();
        errors.note("private-page", "%s: DMA %s at 0x%x, a private page: %s".formatted(by, intent, dva, means));
        if (!privatePages.answers()) {
            return null;
        }
        return intent == DmaIntent.READ ? privatePages.read(page) : privatePages.write(page);
    }

    private long bytesInPage(long dva, long length) {
        return Math.min(length, memory.pageBytes() - (dva & memory.pageBytes() - 1));
    }

    @Override
    public long reach(Requester by, long dva, long length, DmaIntent intent) {
        int page = memory.page(dva);
        return page >= 0 && (memory.sharedByHost(page) || privatePages.answers()) ? bytesInPage(dva, length) : 0;
    }

    @Override
    public boolean arrives(Requester by, long dva) {
        int page = memory.page(dva);
        return page >= 0 && memory.cpuSeesShared(page);
    }

    @Override
    public long pa(Requester by, long dva) {
        return memory.page(dva) < 0 ? NOWHERE : dva;
    }
}
