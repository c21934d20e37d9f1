package dev.postern.platform;

import dev.postern.memory.PhysRange;
import dev.postern.memory.PhysicalMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * What Xen hands a paravirtualised guest of 64 bits: {@code struct start_info} of xen/include/public/xen.h, of which this is what a
 * guest with identity-mapped memory needs. It lies in RAM, is not trusted, and is copied before it is looked at.
 *
 * @param pa where the structure lies
 * @param flags the {@code SIF_} bits
 * @param pages how many pages the guest has, at least 1; its RAM does not go beyond them
 * @param frameListPa where the list of their machine frame numbers lies, eight bytes a page, inside one region of RAM
 */
public record XenStartInfo(long pa, int flags, long pages, long frameListPa) {

    /** The page that Xen counts in, in bytes. */
    public static final int PAGE_BYTES = 4096;

    private static final int BYTES = 1168;
    private static final int MAGIC_BYTES = 32;
    private static final int PAGES = 32;
    private static final int FLAGS = 48;
    private static final int FRAME_LIST = 104;
    private static final String MAGIC_BEGIN = "xen-";
    private static final String MAGIC_END = "-x86_64";
    private static final int FIRST_DOMAIN = 1 << 1;
    /** An address of x86-64 has so many bits at most, so no guest has more pages. */
    private static final int ADDRESS_BITS = 52;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /**
     * Reads the structure.
     *
     * @param pa where the boot protocol says that it is
     * @throws UnknownPlatformException when there is no such structure, or it does not describe this memory
     */
    public static XenStartInfo read(PhysicalMemory memory, long pa) throws UnknownPlatformException {
        if (!memory.contains(pa, BYTES)) {
            throw new UnknownPlatformException(
                    "Xen's start_info is said to lie at 0x%x, which is not in RAM (%s): have the machine put it there"
                            .formatted(pa, memory));
        }
        MemorySegment copy = MemorySegment.ofArray(memory.slice(pa, BYTES).toArray(ValueLayout.JAVA_BYTE));
        String magic = magic(copy);
        if (!magic.startsWith(MAGIC_BEGIN) || !magic.endsWith(MAGIC_END)) {
            throw new UnknownPlatformException(
                    "Xen's start_info at 0x%x has the magic \"%s\", not %s<version>%s: start a 64-bit guest, and name the right address"
                            .formatted(pa, magic, MAGIC_BEGIN, MAGIC_END));
        }
        XenStartInfo info =
                new XenStartInfo(pa, copy.get(INT, FLAGS), copy.get(LONG, PAGES), copy.get(LONG, FRAME_LIST));
        info.check(memory);
        return info;
    }

    /** Whether this is the domain that drives the real devices. */
    public boolean firstDomain() {
        return (flags & FIRST_DOMAIN) != 0;
    }

    /** The bytes of the structure. */
    public PhysRange range() {
        return new PhysRange(pa, BYTES);
    }

    /** The bytes of the list of machine frames. */
    public PhysRange frameList() {
        return new PhysRange(frameListPa, pages * Long.BYTES);
    }

    private void check(PhysicalMemory memory) throws UnknownPlatformException {
        long end = memory.regions().getLast().endPa();
        if (pages <= 0 || pages > 1L << ADDRESS_BITS - 12 || end > pages * PAGE_BYTES) {
            throw new UnknownPlatformException(
                    "Xen's start_info at 0x%x says %s pages, RAM ends at 0x%x: have the machine count every page up to there"
                            .formatted(pa, Long.toUnsignedString(pages), end));
        }
        if (!memory.contains(frameListPa, pages * Long.BYTES)) {
            throw new UnknownPlatformException(
                    "Xen's start_info at 0x%x says that the list of %d machine frames lies at 0x%x, which is not in one region of RAM (%s): have the machine put it there"
                            .formatted(pa, pages, frameListPa, memory));
        }
    }

    /** Up to the zero byte that ends it; what is not printable is shown as a dot. */
    private static String magic(MemorySegment copy) {
        byte[] bytes = copy.asSlice(0, MAGIC_BYTES).toArray(ValueLayout.JAVA_BYTE);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int end = text.indexOf('\0');
        return (end < 0 ? text : text.substring(0, end)).replaceAll("[^ -~]", ".");
    }
}
