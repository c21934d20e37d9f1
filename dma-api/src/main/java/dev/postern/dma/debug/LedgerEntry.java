package dev.postern.dma.debug;

import dev.postern.dma.DmaDirection;
import java.util.List;

/** Memory that was given to a device and has to be given back. */
public sealed interface LedgerEntry {

    /**
     * A streaming mapping.
     *
     * @param sequence counts the entries of the ledger from 1
     * @param device the audited context, as it calls itself
     * @param pa guest-physical address of the buffer
     * @param deviceAddress the address that the device was given
     * @param length bytes
     * @param direction who writes
     * @param mappedAt the stack of the map, innermost frame first; empty when stacks are switched off
     */
    record Streaming(
            long sequence,
            String device,
            long pa,
            long deviceAddress,
            long length,
            DmaDirection direction,
            List<StackTraceElement> mappedAt)
            implements LedgerEntry {

        /** Takes an immutable copy of the stack. */
        public Streaming {
            mappedAt = List.copyOf(mappedAt);
        }

        @Override
        public String kind() {
            return direction.name();
        }
    }

    /**
     * A coherent buffer.
     *
     * @param sequence counts the entries of the ledger from 1
     * @param device the audited context, as it calls itself
     * @param deviceAddress the address that the device was given
     * @param length bytes
     * @param mappedAt the stack of the allocation, innermost frame first; empty when stacks are switched off
     */
    record Coherent(long sequence, String device, long deviceAddress, long length, List<StackTraceElement> mappedAt)
            implements LedgerEntry {

        /** Takes an immutable copy of the stack. */
        public Coherent {
            mappedAt = List.copyOf(mappedAt);
        }

        @Override
        public String kind() {
            return "coherent";
        }
    }

    /** Counts the entries of the ledger from 1. */
    long sequence();

    /** The audited context, as it calls itself. */
    String device();

    /** The address that the device was given. */
    long deviceAddress();

    /** Bytes. */
    long length();

    /** The stack of the map or allocation, innermost frame first. */
    List<StackTraceElement> mappedAt();

    /** The direction of a mapping, or {@code coherent}. */
    String kind();
}
