package dev.postern.attach;

import java.util.BitSet;

/** Which pages of the window the guest's page table maps with the platform's address bit. */
final class PageMapping {

    private final WindowPages window;
    private final BitSet withBit = new BitSet();

    /** No page has the bit. */
    PageMapping(WindowPages window) {
        this.window = window;
    }

    /** Gives all pages the bit; no content changes, for this is how the guest began. */
    void setAll() {
        withBit.set(0, window.count());
    }

    /** Maps the pages with or without the bit. A page whose entry changes shows other content from now on. */
    void map(long basePa, long length, PageBit bit) {
        long end = Math.min(basePa + length, window.endPa());
        for (long pa = Math.max(basePa, window.basePa()); pa < end; pa += WindowPages.PAGE) {
            int page = window.index(pa);
            if (window.contains(pa, WindowPages.PAGE) && withBit.get(page) != (bit == PageBit.SET)) {
                withBit.flip(page);
                window.scramble(pa);
            }
        }
    }

    /** The bit in an entry of the page table. */
    enum PageBit {
        SET,
        CLEAR
    }
}
