package dev.postern.virtio.fake;

import dev.postern.virtio.DeviceAwayException;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.queue.QueueAddresses;
import dev.postern.virtio.transport.DeviceSignals;
import dev.postern.virtio.transport.Transport;

/** A transport whose notes about each access are not the driver's allocations. */
public final class MeteredTransport implements Transport {

    private final Transport inner;
    private final AllocationMeter meter;

    /** Puts aside what {@code inner} allocates in the accesses of a device at work. */
    public MeteredTransport(Transport inner, AllocationMeter meter) {
        this.inner = inner;
        this.meter = meter;
    }

    @Override
    public int readStatus() {
        long before = meter.allocated();
        int status = inner.readStatus();
        meter.putAside(before);
        return status;
    }

    @Override
    public int configGeneration() {
        long before = meter.allocated();
        int generation = inner.configGeneration();
        meter.putAside(before);
        return generation;
    }

    @Override
    public int readConfig8(int offset) {
        long before = meter.allocated();
        int value = inner.readConfig8(offset);
        meter.putAside(before);
        return value;
    }

    @Override
    public int readConfig16(int offset) {
        long before = meter.allocated();
        int value = inner.readConfig16(offset);
        meter.putAside(before);
        return value;
    }

    @Override
    public int readConfig32(int offset) {
        long before = meter.allocated();
        int value = inner.readConfig32(offset);
        meter.putAside(before);
        return value;
    }

    @Override
    public void notifyQueue(int queue, int offset) {
        long before = meter.allocated();
        inner.notifyQueue(queue, offset);
        meter.putAside(before);
    }

    @Override
    public String location() {
        return inner.location();
    }

    @Override
    public int deviceTypeId() {
        return inner.deviceTypeId();
    }

    @Override
    public FeatureSet supportedFeatures() {
        return inner.supportedFeatures();
    }

    @Override
    public FeatureSet offeredFeatures() throws DeviceAwayException, ProbeRefusedException {
        return inner.offeredFeatures();
    }

    @Override
    public void writeAcceptedFeatures(FeatureSet accepted) {
        inner.writeAcceptedFeatures(accepted);
    }

    @Override
    public void writeStatus(int status) {
        inner.writeStatus(status);
    }

    @Override
    public int configLength() {
        return inner.configLength();
    }

    @Override
    public void writeConfig8(int offset, int value) {
        inner.writeConfig8(offset, value);
    }

    @Override
    public int maximumQueueSize(int queue) {
        return inner.maximumQueueSize(queue);
    }

    @Override
    public void connectInterrupts(InterruptMode mode, int queues, DeviceSignals signals) throws ProbeRefusedException {
        inner.connectInterrupts(mode, queues, signals);
    }

    @Override
    public void enableQueue(int queue, QueueAddresses addresses) throws ProbeRefusedException {
        inner.enableQueue(queue, addresses);
    }

    @Override
    public void resetQueue(int queue) {
        inner.resetQueue(queue);
    }

    @Override
    public boolean queueResetDone(int queue) {
        return inner.queueResetDone(queue);
    }

    @Override
    public void allowDma() throws ProbeRefusedException {
        inner.allowDma();
    }

    @Override
    public void forbidDma() {
        inner.forbidDma();
    }

    @Override
    public void close() {
        inner.close();
    }
}
