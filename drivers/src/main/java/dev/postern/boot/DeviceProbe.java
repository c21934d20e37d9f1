package dev.postern.boot;

import dev.postern.bus.pci.PciException;
import dev.postern.bus.pci.PciFunction;
import dev.postern.bus.pci.PciHost;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaMappingException;
import dev.postern.dma.DmaPlan;
import dev.postern.dma.UsedLengthTrust;
import dev.postern.dma.debug.RecordedContext;
import dev.postern.firmware.devicetree.DeviceTreeException;
import dev.postern.interrupt.InterruptRouter;
import dev.postern.machine.Channel;
import dev.postern.machine.Machine;
import dev.postern.memory.OutOfFramesException;
import dev.postern.quirks.decision.Circumstances;
import dev.postern.quirks.decision.Decision;
import dev.postern.quirks.decision.DeviceFacts;
import dev.postern.quirks.decision.DmaDecision;
import dev.postern.quirks.decision.Outcome;
import dev.postern.quirks.decision.PlatformFacts;
import dev.postern.quirks.decision.ReservedFeature;
import dev.postern.topology.DevicePath;
import dev.postern.virtio.DeviceType;
import dev.postern.virtio.FeatureSelection;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.ReservedFeatures;
import dev.postern.virtio.VirtioException;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.device.VirtioDevice;
import dev.postern.virtio.device.VirtioDriver;
import dev.postern.virtio.queue.QueueOptions;
import dev.postern.virtio.queue.QueuePolicy;
import dev.postern.virtio.transport.Transport;
import dev.postern.virtio.transport.pci.PciTransport;
import dev.postern.virtio.transport.vhostuser.VhostUserTransport;
import dev.postern.xen.XenException;
import java.util.Optional;

/**
 * Brings one device up: offered features, decision, negotiation, context, driver (content:521). Whatever goes wrong stays with
 * this device and ends in its report.
 */
final class DeviceProbe {

    private final Machine machine;
    private final BootOptions options;
    private final GuestMemory memory;
    private final PlatformFacts platform;
    private final PlatformServices services;
    private final InterruptRouter router;
    private final BootedGuest guest;

    DeviceProbe(Machine machine, BootOptions options, BootedGuest guest, PlatformServices services) {
        this.machine = machine;
        this.services = services;
        this.options = options;
        this.guest = guest;
        router = guest.interrupts();
        memory = guest.memory();
        platform = FoundFacts.platform(guest.platform(), memory.frames().memory(), options.strictness());
    }

    /** Probes a virtio function and adds it to the guest when it runs. */
    DeviceReport probe(PciFunction function, int typeId, String name, PciHost host) {
        DeviceType type = DriverTable.typeOf(typeId);
        Findings findings = new Findings(name, "pci " + function.address(), type);
        Optional<DriverTable.Row> row = DriverTable.driverFor(typeId);
        if (row.isEmpty()) {
            return findings.report(DeviceReport.Result.NO_DRIVER, "no driver for devices of type " + type.name());
        }
        Optional<String> problem = function.problem();
        if (problem.isPresent()) {
            return findings.report(DeviceReport.Result.FAILED, problem.get());
        }
        try {
            int intxGsi = options.interrupts() == InterruptMode.INTX ? host.intxGsi(function) : PciTransport.NO_LINE;
            PciTransport transport = PciTransport.open(function, name, machine.registers(), router, intxGsi);
            return start(
                    findings,
                    transport,
                    row.get(),
                    services.pathOf(function),
                    (offered, path) -> FoundFacts.device(name, offered, function, typeId, path));
        } catch (ProbeRefusedException e) {
            return findings.report(DeviceReport.Result.REFUSED, e.getMessage());
        } catch (VirtioException
                | PciException
                | DeviceTreeException
                | XenException
                | DmaMappingException
                | OutOfFramesException e) {
            return findings.report(DeviceReport.Result.FAILED, e.getMessage());
        }
    }

    /** Probes the device behind a channel, and adds it to the guest when it runs. */
    DeviceReport probe(Channel channel, String name) {
        DeviceType type = DriverTable.typeOf(channel.deviceKind());
        Findings findings = new Findings(name, channel.name(), type);
        Optional<DriverTable.Row> row = DriverTable.driverFor(type.id());
        if (row.isEmpty()) {
            return findings.report(DeviceReport.Result.NO_DRIVER, "no driver for devices of type " + type.name());
        }
        VhostUserTransport transport =
                VhostUserTransport.open(machine, channel, router, row.get().configBytes());
        try {
            return start(
                    findings,
                    transport,
                    row.get(),
                    DevicePath.UNSAID,
                    (offered, path) -> FoundFacts.device(name, offered, channel, transport.answersRequests()));
        } catch (ProbeRefusedException e) {
            return findings.report(DeviceReport.Result.REFUSED, e.getMessage());
        } catch (VirtioException | DmaMappingException | OutOfFramesException e) {
            return findings.report(DeviceReport.Result.FAILED, e.getMessage());
        }
    }

    /** What is known about a device once its features are. */
    @FunctionalInterface
    private interface KnownFacts {
        DeviceFacts of(FeatureSet offered, DevicePath path);
    }

    private DeviceReport start(
            Findings findings, Transport transport, DriverTable.Row row, DevicePath path, KnownFacts known)
            throws VirtioException {
        VirtioDevice device =
                new VirtioDevice(findings.name, findings.type, transport, machine.cpu(), router, options.interrupts());
        DmaContext context = null;
        boolean started = false;
        try {
            findings.offered = device.discover();
            Decision decision = decide(known.of(findings.offered, path));
            findings.decision = Optional.of(decision);
            switch (decision.outcome()) {
                case Outcome.Refuse(String reason) -> {
                    device.giveUp();
                    return findings.report(DeviceReport.Result.REFUSED, reason);
                }
                case Outcome.Defer(String iommu) -> {
                    device.giveUp();
                    return findings.report(
                            DeviceReport.Result.DEFERRED,
                            "%s waits for the IOMMU %s, which does not come up: take it away, or have it driven"
                                    .formatted(findings.name, iommu));
                }
                case Outcome.Proceed(DmaPlan plan) ->
                    findings.plan = options.forced()
                            .map(forced -> forced.inPlaceOf(plan))
                            .orElse(plan);
            }
            row.check().beforeNegotiation(device, findings.offered);
            FeatureSet supported = row.supported().union(device.transportFeatures());
            device.negotiate(acceptedOf(findings.offered, decision, supported));
            findings.accepted = device.accepted();
            device.setQueuePolicy(policyOf(decision));
            context = open(findings.plan, decision, path, findings.name);
            VirtioDriver driver = row.opener().open(device, context, memory.frames());
            started = true;
            guest.add(device, driver, context);
            findings.details = Optional.of(detailsOf(driver));
            return findings.report(DeviceReport.Result.DRIVEN, why(decision));
        } finally {
            if (!started) {
                abandon(device, context);
            }
        }
    }

    private String why(Decision decision) {
        String line = decision.explanation().oneLine();
        return options.forced()
                .map(forced -> "forced to %s; decided was %s".formatted(forced.word(), line))
                .orElse(line);
    }

    private Decision decide(DeviceFacts device) {
        Circumstances circumstances = new Circumstances(device, platform).with(options.claims());
        return DmaDecision.decide(circumstances.device(), circumstances.platform(), options.quirks());
    }

    /**
     * A device that keeps inside its buffers is what a queue insists on, unless a fact says that its lengths mean nothing. Of a host that
     * memory is kept from that fact says no such thing: nothing is copied by its word, and a device that lies is stopped all the same.
     */
    private QueuePolicy policyOf(Decision decision) {
        return new QueuePolicy(
                decision.rules().usedLength() == UsedLengthTrust.IGNORE
                                && memory.shared().isEmpty()
                        ? QueueOptions.UsedLengths.IGNORED
                        : QueueOptions.UsedLengths.CHECKED,
                options.queues());
    }

    private DmaContext open(DmaPlan plan, Decision decision, DevicePath path, String name) {
        DmaContext context = openOne(plan, decision, path, name);
        if (options.forced().filter(forced -> forced == ForcedPlan.DIRECT_DATA).isPresent()
                && memory.shared().isPresent()) {
            return new PrivateDataContext(context, openOne(ForcedPlan.BOUNCED.inPlaceOf(plan), decision, path, name));
        }
        return context;
    }

    private DmaContext openOne(DmaPlan plan, Decision decision, DevicePath path, String name) {
        return RecordedContext.whereWanted(options.contexts()
                .open(
                        plan,
                        services.addTo(memory.forDevice(plan, decision.limits()), path, decision.coherency(), name),
                        decision.limits(),
                        decision.rules(),
                        name));
    }

    /** Nothing that a failed start left behind may be used by the device, and only then is it given back. */
    private static void abandon(VirtioDevice device, DmaContext context) {
        try {
            device.close();
            if (context != null) {
                context.close();
            }
        } catch (VirtioException e) {
            // It did not come out of reset: its memory stays out of use, and the reason for the failed start is
            // reported.
            return;
        }
    }

    private FeatureSet acceptedOf(FeatureSet offered, Decision decision, FeatureSet supported) {
        FeatureSet decided = new FeatureSet(ReservedFeature.bits(decision.accept()), 0);
        return new FeatureSelection(supported, options.withheld(), ReservedFeatures.PREREQUISITES)
                .accept(offered, decided);
    }

    private static String detailsOf(VirtioDriver driver) {
        if (!(driver instanceof BlkDevice disk)) {
            return "live";
        }
        return disk.summary();
    }

    /** What is known about the device so far. */
    private static final class Findings {
        final String name;
        final String location;
        final DeviceType type;
        FeatureSet offered = FeatureSet.EMPTY;
        FeatureSet accepted = FeatureSet.EMPTY;
        DmaPlan plan;
        Optional<Decision> decision = Optional.empty();
        Optional<String> details = Optional.empty();

        Findings(String name, String location, DeviceType type) {
            this.name = name;
            this.location = location;
            this.type = type;
        }

        DeviceReport report(DeviceReport.Result result, String why) {
            return new DeviceReport(
                    name,
                    location,
                    type,
                    result,
                    plan == null ? "none" : plan.describe(),
                    why,
                    decision,
                    offered,
                    accepted,
                    details);
        }
    }
}
