package import NIOCore

/// Runs tasks on an event loop's thread: what a socket brings is then worked on where it arrived, and no thread has to be
/// woken for it.
///
/// An event loop serves many connections, so this is for tasks that only wait and decide. What blocks or computes has
/// threads of its own anyway.
package final class EventLoopExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    package init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = unsafe asUnownedTaskExecutor()
        eventLoop.execute { unsafe job.runSynchronously(on: executor) }
    }
}
