package dev.postern.lab.backend;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Judges what a front-end sends over one connection, by the vhost-user protocol: what each message has, and what comes before what. Used
 * by one thread.
 */
final class FrontEndRules {

    private static final int KNOWN_FLAGS = Message.VERSION_MASK | Message.NEED_REPLY;
    private static final int MOST_RING_SIZE = 32768;
    private static final int DRIVER_OK = 4;
    private static final int FEATURES_OK = 8;

    /** What a region is known by. */
    private record Region(long guest, long size, long user) {}

    private final Offer offer;
    private final Consumer<String> complain;

    private final Set<MessageKind> seen = new HashSet<>();
    private final Map<Integer, Set<MessageKind>> ofRing = new HashMap<>();
    private final Set<Integer> started = new HashSet<>();
    private final List<Region> regions = new ArrayList<>();
    private long features;
    private long protocol;
    private boolean featuresSet;
    private long status;

    FrontEndRules(Offer offer, Consumer<String> complain) {
        this.offer = offer;
        this.complain = complain;
    }

    /** Judges one that has arrived. False when it is not worth carrying out. */
    boolean check(Message message) {
        Optional<MessageKind> known = message.kind();
        if (known.isEmpty()) {
            complain.accept("no message of that number");
            return false;
        }
        MessageKind kind = known.get();
        checkHeader(message);
        if (!kind.fits(message.payload().limit())) {
            complain.accept("%d bytes of payload".formatted(message.payload().limit()));
            return false;
        }
        boolean right = checkNeeds(kind) & checkDescriptors(message, kind);
        checkOrder(kind);
        if (kind.ofRing()) {
            right &= checkRing(message, kind);
        }
        right &= checkContent(message, kind);
        seen.add(kind);
        return right;
    }

    /** A kick has come, so it is the back-end that goes on with the ring. */
    void ringStarts(int index) {
        started.add(index);
        Set<MessageKind> said = ofRing.getOrDefault(index, Set.of());
        for (MessageKind needed :
                List.of(MessageKind.SET_VRING_NUM, MessageKind.SET_VRING_ADDR, MessageKind.SET_VRING_BASE)) {
            if (!said.contains(needed)) {
                complain.accept("ring %d is kicked without a %s before it".formatted(index, needed));
            }
        }
    }

    private void checkHeader(Message message) {
        if ((message.flags() & Message.VERSION_MASK) != Message.VERSION) {
            complain.accept("version %d".formatted(message.flags() & Message.VERSION_MASK));
        }
        if ((message.flags() & ~KNOWN_FLAGS) != 0) {
            complain.accept("flags 0x%x".formatted(message.flags()));
        }
        if (message.needsReply() && !ProtocolFeature.REPLY_ACK.in(protocol)) {
            complain.accept("asks for an acknowledgement, and REPLY_ACK was not negotiated");
        }
    }

    private boolean checkNeeds(MessageKind kind) {
        Optional<ProtocolFeature> needs = kind.needs();
        if (needs.isPresent() && !needs.get().in(protocol)) {
            complain.accept("needs %s, which was not negotiated".formatted(needs.get()));
            return false;
        }
        return true;
    }

    private boolean checkDescriptors(Message message, MessageKind kind) {
        int expected = switch (kind) {
            case SET_MEM_TABLE -> message.payload().getInt(0);
            case ADD_MEM_REG, SET_BACKEND_REQ_FD, SET_INFLIGHT_FD -> 1;
            case SET_VRING_KICK, SET_VRING_CALL, SET_VRING_ERR ->
                (message.number() & Message.NO_DESCRIPTOR) == 0 ? 1 : 0;
            default -> 0;
        };
        if (message.descriptors().size() != expected) {
            complain.accept("%d descriptors, where there are to be %d"
                    .formatted(message.descriptors().size(), expected));
            return false;
        }
        return true;
    }

    private void checkOrder(MessageKind kind) {
        switch (kind) {
            case SET_OWNER -> {
                if (seen.contains(kind)) {
                    complain.accept("is sent a second time");
                }
            }
            case GET_PROTOCOL_FEATURES, SET_PROTOCOL_FEATURES -> {
                if (!seen.contains(MessageKind.GET_FEATURES)
                        || !offer.features().contains(DeviceFeature.PROTOCOL_FEATURES)) {
                    complain.accept("GET_FEATURES has not shown that protocol features are spoken of");
                }
            }
            case SET_FEATURES -> after(kind, MessageKind.GET_FEATURES);
            case SET_MEM_TABLE, ADD_MEM_REG -> after(kind, MessageKind.SET_OWNER);
            case SET_VRING_ADDR -> {
                after(kind, MessageKind.SET_FEATURES);
                if (regions.isEmpty()) {
                    complain.accept("comes before any memory");
                }
            }
            case SET_VRING_KICK, SET_VRING_ENABLE -> after(kind, MessageKind.SET_FEATURES);
            case RESET_OWNER -> complain.accept("is deprecated");
            default -> {}
        }
        if (kind.ofRing()) {
            after(kind, MessageKind.SET_OWNER);
        }
    }

    private void after(MessageKind kind, MessageKind first) {
        if (!seen.contains(first)) {
            complain.accept("%s comes before %s".formatted(kind, first));
        }
    }

    private boolean checkRing(Message message, MessageKind kind) {
        int index = message.ring();
        long most = Long.min(offer.queues(), offer.queuesTold());
        if (Integer.compareUnsigned(index, offer.queues()) >= 0 || index >= most) {
            complain.accept("ring %d of %d".formatted(index, most));
            return false;
        }
        Set<MessageKind> said = ofRing.computeIfAbsent(index, _ -> new HashSet<>());
        boolean setsUp = kind == MessageKind.SET_VRING_NUM
                || kind == MessageKind.SET_VRING_ADDR
                || kind == MessageKind.SET_VRING_BASE;
        if (setsUp && started.contains(index)) {
            complain.accept("ring %d runs".formatted(index));
        }
        if (kind == MessageKind.SET_VRING_ADDR && !said.contains(MessageKind.SET_VRING_NUM)) {
            complain.accept("ring %d has no size yet".formatted(index));
        }
        if (kind == MessageKind.GET_VRING_BASE) {
            started.remove(index);
            said.clear();
        } else {
            said.add(kind);
        }
        return true;
    }

    private boolean checkContent(Message message, MessageKind kind) {
        ByteBuffer payload = message.payload();
        return switch (kind) {
            case SET_FEATURES -> checkFeatures(payload.getLong(0));
            case SET_PROTOCOL_FEATURES -> {
                protocol = payload.getLong(0);
                if ((protocol & ~offer.protocolBits()) != 0) {
                    complain.accept("accepts 0x%x, where 0x%x is offered".formatted(protocol, offer.protocolBits()));
                }
                yield true;
            }
            case SET_MEM_TABLE -> checkTable(payload);
            case ADD_MEM_REG -> {
                if (Long.compareUnsigned(regions.size(), offer.memorySlots()) >= 0) {
                    complain.accept("there are %d regions already, of %s"
                            .formatted(regions.size(), Long.toUnsignedString(offer.memorySlots())));
                }
                yield checkRegion(payload, 8);
            }
            case REM_MEM_REG -> {
                Region gone = new Region(payload.getLong(8), payload.getLong(16), payload.getLong(24));
                if (!regions.remove(gone)) {
                    complain.accept("%s is in no table".formatted(gone));
                    yield false;
                }
                yield true;
            }
            case SET_VRING_NUM -> checkRingSize(payload.getInt(4));
            case SET_VRING_ADDR -> checkAddresses(payload);
            case SET_VRING_ENABLE -> {
                if (!DeviceFeature.PROTOCOL_FEATURES.in(features)) {
                    complain.accept("rings are enabled from the start, for bit 30 was not accepted");
                }
                if (payload.getInt(4) != 0 && payload.getInt(4) != 1) {
                    complain.accept("says %d".formatted(payload.getInt(4)));
                }
                yield true;
            }
            case SET_VRING_KICK, SET_VRING_CALL, SET_VRING_ERR -> {
                if ((message.number() & ~(0xffL | Message.NO_DESCRIPTOR)) != 0) {
                    complain.accept("payload 0x%x".formatted(message.number()));
                }
                yield true;
            }
            case GET_CONFIG, SET_CONFIG -> checkConfig(payload, kind);
            case GET_INFLIGHT_FD, SET_INFLIGHT_FD -> checkInflight(payload);
            case SET_STATUS -> {
                checkStatus(payload.getLong(0));
                yield true;
            }
            case RESET_DEVICE -> {
                forgetDevice();
                yield true;
            }
            default -> true;
        };
    }

    private boolean checkFeatures(long bits) {
        if ((bits & ~offer.featureBits()) != 0) {
            complain.accept("accepts 0x%x, where 0x%x is offered".formatted(bits, offer.featureBits()));
        }
        if (offer.features().contains(DeviceFeature.VERSION_1) && !DeviceFeature.VERSION_1.in(bits)) {
            complain.accept("does not accept VERSION_1");
        }
        if (!started.isEmpty() && featuresSet && bits != features) {
            complain.accept("features change while rings run");
        }
        features = bits;
        featuresSet = true;
        return true;
    }

    private boolean checkTable(ByteBuffer payload) {
        int count = payload.getInt(0);
        if (count < 1 || count > 8 || payload.limit() != 8 + 32 * count) {
            complain.accept("%d regions in %d bytes".formatted(count, payload.limit()));
            return false;
        }
        if (!started.isEmpty()) {
            complain.accept("the table changes while rings run");
        }
        regions.clear();
        boolean right = true;
        for (int i = 0; i < count; i++) {
            right &= checkRegion(payload, 8 + 32 * i);
        }
        return right;
    }

    private boolean checkRegion(ByteBuffer payload, int at) {
        Region region = new Region(payload.getLong(at), payload.getLong(at + 8), payload.getLong(at + 16));
        long offset = payload.getLong(at + 24);
        boolean right = region.size() > 0
                && offset >= 0
                && region.guest() + region.size() > 0
                && Long.compareUnsigned(region.user() + region.size(), region.user()) > 0;
        if (!right || (region.guest() & 0xfff) != 0 || (region.size() & 0xfff) != 0 || (offset & 0xfff) != 0) {
            complain.accept("%s at offset 0x%x is no region of whole pages".formatted(region, offset));
        }
        for (Region other : regions) {
            if (TableRegion.overlap(region.guest(), region.size(), other.guest(), other.size())
                    || TableRegion.overlap(region.user(), region.size(), other.user(), other.size())) {
                complain.accept("%s overlaps %s".formatted(region, other));
                right = false;
            }
        }
        regions.add(region);
        return right;
    }

    private boolean checkRingSize(int size) {
        boolean packed = DeviceFeature.RING_PACKED.in(features);
        if (size < 1 || size > MOST_RING_SIZE || !packed && Integer.bitCount(size) != 1) {
            complain.accept("a %s ring of %d".formatted(packed ? "packed" : "split", size));
            return false;
        }
        return true;
    }

    private boolean checkAddresses(ByteBuffer payload) {
        boolean packed = DeviceFeature.RING_PACKED.in(features);
        long descriptors = payload.getLong(8);
        long used = payload.getLong(16);
        long available = payload.getLong(24);
        if ((descriptors & 15) != 0 || (used & 3) != 0 || (available & (packed ? 3 : 1)) != 0) {
            complain.accept("parts at 0x%x, 0x%x and 0x%x are not aligned".formatted(descriptors, used, available));
            return false;
        }
        if (payload.getInt(4) != 0) {
            complain.accept("asks for a log with flags 0x%x".formatted(payload.getInt(4)));
        }
        return true;
    }

    private boolean checkConfig(ByteBuffer payload, MessageKind kind) {
        int offset = payload.getInt(0);
        int size = payload.getInt(4);
        if (offset < 0 || size < 1 || offset > 256 || size > 256 - offset || payload.limit() != 12 + size) {
            complain.accept("%d bytes from %d in a payload of %d".formatted(size, offset, payload.limit()));
            return false;
        }
        if (payload.getInt(8) != 0) {
            complain.accept("flags 0x%x".formatted(payload.getInt(8)));
        }
        boolean mode = offset == DiskConfiguration.WRITEBACK && size == 1 && DeviceFeature.CONFIG_WCE.in(features);
        if (kind == MessageKind.SET_CONFIG && !mode) {
            complain.accept("writes %d bytes at %d, which are read-only".formatted(size, offset));
            return false;
        }
        return true;
    }

    private boolean checkInflight(ByteBuffer payload) {
        int queues = payload.getShort(16) & 0xffff;
        int size = payload.getShort(18) & 0xffff;
        if (queues < 1 || queues > offer.queues() || size < 1) {
            complain.accept("%d rings of %d".formatted(queues, size));
            return false;
        }
        if (!started.isEmpty()) {
            complain.accept("rings run");
        }
        return true;
    }

    private void checkStatus(long now) {
        if ((now & ~0xffL) != 0) {
            complain.accept("status 0x%x".formatted(now));
        }
        if (now == 0) {
            status = 0;
            forgetDevice();
            return;
        }
        if ((status & ~now) != 0) {
            complain.accept("status goes from 0x%x to 0x%x without a reset".formatted(status, now));
        }
        if ((now & FEATURES_OK) != 0 && !featuresSet) {
            complain.accept("FEATURES_OK before any features");
        }
        if ((now & DRIVER_OK) != 0 && (now & FEATURES_OK) == 0) {
            complain.accept("DRIVER_OK without FEATURES_OK");
        }
        status = now;
    }

    /** A reset: features and rings are to be set anew, memory and owner stay. */
    private void forgetDevice() {
        started.clear();
        ofRing.clear();
        features = 0;
        featuresSet = false;
        seen.remove(MessageKind.SET_FEATURES);
    }
}
