package dev.postern.lab.backend;

import dev.postern.os.EventDescriptor;
import dev.postern.os.Readiness;

/** What the front-end has said about one ring so far. Used by one thread. */
final class RingState {

    /** Where its parts are, in user addresses; of a packed ring the driver's structure is "available" and the device's "used". */
    record Addresses(long descriptors, long used, long available) {}

    final int index;
    int size;
    Addresses addresses;
    Integer base;
    EventDescriptor kick;
    EventDescriptor call;
    EventDescriptor error;
    Readiness kicked;
    boolean polled;
    boolean enabled;

    /** There once it is started. */
    DeviceRing ring;

    RingState(int index) {
        this.index = index;
    }

    boolean started() {
        return ring != null;
    }

    void stop() {
        ring = null;
    }

    /** Forgets everything. */
    void reset() {
        ring = null;
        size = 0;
        addresses = null;
        base = null;
        polled = false;
        enabled = false;
        closeKick();
        closeCall();
        closeError();
    }

    void closeKick() {
        if (kicked != null) {
            kicked.close();
            kicked = null;
        }
        if (kick != null) {
            kick.close();
            kick = null;
        }
    }

    void closeCall() {
        if (call != null) {
            call.close();
            call = null;
        }
    }

    void closeError() {
        if (error != null) {
            error.close();
            error = null;
        }
    }
}
