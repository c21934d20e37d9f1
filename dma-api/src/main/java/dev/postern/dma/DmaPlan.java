package dev.postern.dma;

import java.util.Objects;

/** How a device's memory accesses are arranged: the outcome of the decision, and what a context is opened with. */
public sealed interface DmaPlan {

    /**
     * The device consumes guest-physical addresses plus a constant.
     *
     * @param offset added to every guest-physical address, modulo 2^64; 0 on most platforms
     */
    record Direct(long offset) implements DmaPlan {

        @Override
        public String describe() {
            return offset == 0 ? "Direct" : "Direct + 0x%x".formatted(offset);
        }
    }

    /**
     * An IOMMU translates: the device consumes addresses of a domain.
     *
     * @param domain which one, such as {@code virtio-iommu at 00:02.0}
     */
    record Translated(String domain) implements DmaPlan {

        /** The domain is needed. */
        public Translated {
            Objects.requireNonNull(domain);
        }

        @Override
        public String describe() {
            return "Translated by " + domain;
        }
    }

    /**
     * The device's back-end speaks Xen grants: every page is granted, and the device consumes grant references. A grant is of whole
     * pages, so the back-end reaches whatever else lies in those of a buffer (XSA-403); where that matters, this plan is bounced.
     */
    record Granted() implements DmaPlan {

        @Override
        public String describe() {
            return "Granted";
        }
    }

    /**
     * A paravirtualised Xen guest whose device consumes machine addresses: they are contiguous inside one page only.
     */
    record PageTranslated() implements DmaPlan {

        @Override
        public String describe() {
            return "PageTranslated";
        }
    }

    /**
     * The device reaches certain memory only, and every buffer is copied through a pool of it. The addresses that it consumes are
     * those of the pool, as the inner plan has them.
     *
     * @param inner how memory that the device reaches is addressed
     */
    record Bounced(DmaPlan inner) implements DmaPlan {

        /** Refuses to bounce what is bounced already. */
        public Bounced {
            if (inner instanceof Bounced) {
                throw new IllegalArgumentException("a plan bounces once: give the plan without its pool");
            }
        }

        @Override
        public String describe() {
            return "Bounced over " + inner.describe();
        }
    }

    /** A few words for the log, such as {@code Direct}. */
    String describe();
}
