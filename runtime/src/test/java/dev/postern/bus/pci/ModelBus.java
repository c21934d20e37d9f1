package dev.postern.bus.pci;

import dev.postern.machine.PortSpace;
import dev.postern.machine.RegisterSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A model of a host bridge and what hangs below it: configuration accesses travel by the bridges' bus numbers, memory
 * accesses by windows and BARs, and what two would answer is noted.
 */
final class ModelBus implements RegisterSpace, PortSpace {

    static final long ECAM = 0xb000_0000L;

    final Map<Integer, ModelFunction> root = new TreeMap<>();
    /** Accesses that more than one function claims, and BARs that change while they decode. */
    final List<String> violations = new ArrayList<>();

    boolean ecamOn = true;
    private int selected;

    ModelBus put(int device, int function, ModelFunction there) {
        root.put(device << 3 | function, there);
        return this;
    }

    /** A q35's host bridge, whose window is off until PCIEXBAR says otherwise. */
    static ModelBus q35() {
        ModelBus bus = new ModelBus();
        ModelFunction host = ModelFunction.endpoint(0x29c0);
        host.set16(0, 0x8086);
        host.writable32(0x60, 0xfc00_0007);
        host.writable32(0x64, 0xf);
        bus.ecamOn = false;
        return bus.put(0, 0, host);
    }

    /** Any other host bridge. */
    static ModelBus plain() {
        return new ModelBus().put(0, 0, ModelFunction.endpoint(1));
    }

    private ModelFunction find(int bus, int slot) {
        return bus == 0 ? root.get(slot) : find(root, bus, slot);
    }

    private ModelFunction find(Map<Integer, ModelFunction> functions, int bus, int slot) {
        ModelFunction found = null;
        int claims = 0;
        for (ModelFunction bridge : functions.values()) {
            long secondary = bridge.get(0x19, 1);
            if (bridge.isBridge() && secondary != 0 && bus >= secondary && bus <= bridge.get(0x1a, 1)) {
                claims++;
                found = bus == secondary ? bridge.behind.get(slot) : find(bridge.behind, bus, slot);
            }
        }
        if (claims > 1) {
            violations.add("%d bridges answer for bus %d".formatted(claims, bus));
        }
        return found;
    }

    private int readConfig(int address, int offset, int width) {
        ModelFunction function = find(address >>> 8 & 0xff, address & 0xff);
        return function == null ? -1 >>> 32 - 8 * width : (int) function.get(offset, width);
    }

    private void writeConfig(int address, int offset, int width, int value) {
        ModelFunction function = find(address >>> 8 & 0xff, address & 0xff);
        if (function == null) {
            return;
        }
        int lastBar = function.isBridge() ? 0x17 : 0x27;
        if (offset >= 0x10 && offset <= lastBar && function.decodesMemory()) {
            violations.add("a BAR at 0x%x changes while it decodes".formatted(offset));
        }
        function.write(offset, width, value);
    }

    private long ecam() {
        ModelFunction host = root.get(0);
        if (host.get(0, 4) == 0x29c0_8086L && (host.get(0x60, 1) & 1) != 0) {
            return host.get(0x60, 4) & 0xfc00_0000L | host.get(0x64, 4) << 32;
        }
        return ecamOn ? ECAM : Long.MIN_VALUE;
    }

    /** The function whose BAR an address reaches, and where in it; null when nothing does. */
    private record Target(ModelFunction function, long key) {}

    private Target target(long pa) {
        List<Target> targets = new ArrayList<>();
        collect(root, pa, targets);
        if (targets.size() > 1) {
            violations.add("%d functions answer at 0x%x".formatted(targets.size(), pa));
        }
        return targets.isEmpty() ? null : targets.getFirst();
    }

    private static void collect(Map<Integer, ModelFunction> functions, long pa, List<Target> targets) {
        for (ModelFunction function : functions.values()) {
            long key = function.decodesMemory() ? function.bar(pa) : -1;
            if (key != -1) {
                targets.add(new Target(function, key));
            }
            if (function.isBridge() && function.forwards(pa)) {
                collect(function.behind, pa, targets);
            }
        }
    }

    private int read(long pa, int width) {
        long offset = pa - ecam();
        if (offset >= 0 && offset < 256 << 20) {
            return readConfig((int) (offset >>> 12), (int) offset & 0xfff, width);
        }
        Target target = target(pa);
        return target == null ? -1 >>> 32 - 8 * width : target.function().memory.getOrDefault(target.key(), 0);
    }

    private void write(long pa, int width, int value) {
        long offset = pa - ecam();
        if (offset >= 0 && offset < 256 << 20) {
            writeConfig((int) (offset >>> 12), (int) offset & 0xfff, width, value);
            return;
        }
        Target target = target(pa);
        if (target != null) {
            target.function().memory.put(target.key(), value);
        }
    }

    @Override
    public int read8(long pa) {
        return read(pa, 1);
    }

    @Override
    public int read16(long pa) {
        return read(pa, 2);
    }

    @Override
    public int read32(long pa) {
        return read(pa, 4);
    }

    @Override
    public long read64(long pa) {
        return Integer.toUnsignedLong(read32(pa)) | (long) read32(pa + 4) << 32;
    }

    @Override
    public void write8(long pa, int value) {
        write(pa, 1, value);
    }

    @Override
    public void write16(long pa, int value) {
        write(pa, 2, value);
    }

    @Override
    public void write32(long pa, int value) {
        write(pa, 4, value);
    }

    @Override
    public void write64(long pa, long value) {
        write32(pa, (int) value);
        write32(pa + 4, (int) (value >>> 32));
    }

    private boolean data(int port) {
        return port >= 0xcfc && port <= 0xcff && selected < 0;
    }

    private int in(int port, int width) {
        return data(port)
                ? readConfig(selected >>> 8 & 0xffff, (selected & 0xfc) + (port & 3), width)
                : -1 >>> 32 - 8 * width;
    }

    private void out(int port, int width, int value) {
        if (port == 0xcf8 && width == 4) {
            selected = value;
        } else if (data(port)) {
            writeConfig(selected >>> 8 & 0xffff, (selected & 0xfc) + (port & 3), width, value);
        }
    }

    @Override
    public int in8(int port) {
        return in(port, 1);
    }

    @Override
    public int in16(int port) {
        return in(port, 2);
    }

    @Override
    public int in32(int port) {
        return in(port, 4);
    }

    @Override
    public void out8(int port, int value) {
        out(port, 1, value);
    }

    @Override
    public void out16(int port, int value) {
        out(port, 2, value);
    }

    @Override
    public void out32(int port, int value) {
        out(port, 4, value);
    }
}
