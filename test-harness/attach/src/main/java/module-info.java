/** Machines that run in other processes: QEMU over its qtest socket, and devices over vhost-user. */
module dev.postern.attach {
    requires transitive dev.postern.runtime;
    requires transitive com.fasterxml.jackson.databind;

    exports dev.postern.attach;
}
