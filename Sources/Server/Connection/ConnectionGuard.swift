import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// Keeps one connection within its limits: times out slow clients, closes it in a way that lets the last answer arrive,
/// and answers what is no HTTP at all.
///
/// It sits behind the HTTP/1 codec, where the version and the end of each message are still to be seen; the one decision
/// that needs raw bytes comes from ``HeaderWatch``, before the codec.
final class ConnectionGuard: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private var timeline: ConnectionTimeline
    private let log: AccessLog
    private let readiness: Readiness
    private var timer: (task: Scheduled<Void>, deadline: NIODeadline)?
    /// No request is taken after the one that is being answered.
    private var isLastRequest = false
    private var isAnswering = false
    private var isQuiescing = false
    private var isVersion10 = false
    private var isInputClosed = false
    /// Whether the system has taken the last answer.
    private var isAllSent = false

    init(limits: ConnectionLimits, log: AccessLog, readiness: Readiness, eventLoop: any EventLoop) {
        timeline = ConnectionTimeline(limits: limits, now: eventLoop.now)
        self.log = log
        self.readiness = readiness
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { schedule(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        schedule(context)
        context.fireChannelActive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.task.cancel()
        timer = nil
    }

    // MARK: Requests

    /// Bytes of a request, before anything has been read from them.
    func bytesArrived(at now: NIODeadline) { timeline.bytesArrived(at: now) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if timeline.isLingering { return }
        let part = unwrapInboundIn(data)
        switch part {
        case .head(let head):
            if isLastRequest { return }
            if let problem = head.problem {
                isLastRequest = true
                if mayRefuse { refuse(context, problem, of: head) }
                return
            }
            isLastRequest = !head.isKeepAlive
            isVersion10 = head.version == .http1_0
            timeline.headEnded(at: context.eventLoop.now, unsent: unsent(context))
        case .body(let bytes):
            guard timeline.isReadingBody else { return }
            log.metrics.traffic.received(bytes.readableBytes)
            timeline.bodyArrived(bytes: bytes.readableBytes)
        case .end:
            guard timeline.isReadingBody else { return }
            timeline.requestEnded()
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if timeline.isLingering {
            // Nobody upstream reads any more.
            context.read()
            return
        }
        timeline.readingPaused(at: context.eventLoop.now)
        schedule(context)
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        timeline.readingResumed(at: context.eventLoop.now)
        context.read()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError, mayRefuse else {
            // A body that breaks off is answered by whoever reads it.
            if !timeline.isLingering { context.fireErrorCaught(error) }
            return
        }
        refuse(context, Problem(error))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            isQuiescing = true
            guard timeline.unanswered == 0 else { return }
            // The client may still be taking its last answer.
            guard unsent(context) > 0 else { return context.close(promise: nil) }
            if !timeline.isLingering { timeline.lingeringBegan(at: context.eventLoop.now) }
            schedule(context)
        case ChannelEvent.inputClosed where timeline.isLingering:
            isInputClosed = true
            if isAllSent { context.close(promise: nil) }
        default:
            if case ChannelEvent.inputClosed = event { isInputClosed = true }
            context.fireUserInboundEventTriggered(event)
        }
    }

    // MARK: Answers

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.code >= 200:
            isAnswering = true
            // Whoever is told so before the server goes does not send its next request into a closed connection.
            let isGoing = isQuiescing || readiness.isDraining
            if timeline.unanswered == 1, timeline.isReadingBody || isGoing { isLastRequest = true }
            // HTTP/1.0 knows no chunks (RFC 9112, section 6.1): the body ends with the connection.
            if isVersion10, head.headers.contains(name: "Transfer-Encoding") {
                head.headers.remove(name: "Transfer-Encoding")
                isLastRequest = true
            }
            if timeline.unanswered == 1, isLastRequest {
                head.headers.replaceOrAdd(name: "Connection", value: "close")
            } else if isVersion10 {
                head.headers.replaceOrAdd(name: "Connection", value: "keep-alive")
            }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body(let bytes):
            log.metrics.traffic.sent(bytes.readableBytes)
            timeline.answerGrew(bytes: bytes.readableBytes, at: context.eventLoop.now)
            schedule(context)
            context.write(data, promise: promise)
        case .end where isAnswering:
            isAnswering = false
            timeline.answerEnded(at: context.eventLoop.now)
            if timeline.unanswered == 0, isLastRequest {
                finish(context, data, promise)
            } else {
                context.write(data, promise: promise)
                schedule(context)
            }
        default:
            context.write(data, promise: promise)
        }
    }

    /// Whether no answer is under way, which a refusal would break into.
    private var mayRefuse: Bool { timeline.unanswered == 0 && !timeline.isLingering }

    /// Answers in place of the routes, where there is no request to route.
    ///
    /// - Parameter request: its head, where there is one.
    private func refuse(_ context: ChannelHandlerContext, _ problem: Problem, of request: HTTPRequestHead? = nil) {
        let id = request.map { RequestID.of(HTTPFields($0.headers, splitCookie: false)) } ?? RequestID.make()
        var answer = Answer(problem, requestID: id)
        answer.mark(with: id)
        var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: problem.code.status.code))
        for field in answer.fields { head.headers.add(name: field.name.rawName, value: field.value) }
        head.headers.add(name: "Connection", value: "close")
        if let length = answer.bodyLength { head.headers.add(name: "Content-Length", value: "\(length)") }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        var length = 0
        if case .bytes(let bytes) = answer.body, request?.method != .HEAD {
            length = bytes.readableBytes
            context.write(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil)
        }
        log.record(
            AccessLog.Entry(
                id: id, method: request.flatMap { HTTPRequest.Method($0.method.rawValue) },
                path: request?.path ?? "", route: AccessLog.unknownRoute, peer: context.remoteAddress,
                status: problem.code.status.code, length: length, duration: nil, job: nil))
        finish(context, wrapOutboundOut(.end(nil)), nil)
    }

    /// Ends the last answer, says behind it that there will be no more, and throws away what still comes until the client
    /// has closed too or its time is up.
    private func finish(_ context: ChannelHandlerContext, _ end: NIOAny, _ promise: EventLoopPromise<Void>?) {
        timeline.lingeringBegan(at: context.eventLoop.now)
        let sent = promise ?? context.eventLoop.makePromise(of: Void.self)
        // Not before: where the client has closed its side, closing ours would take along what waits for being sent.
        sent.futureResult.assumeIsolated().whenComplete { _ in
            self.isAllSent = true
            self.timeline.lingeringBegan(at: context.eventLoop.now)
            context.close(mode: self.isInputClosed ? .all : .output, promise: nil)
        }
        context.writeAndFlush(end, promise: sent)
        if !isInputClosed { context.read() }
        schedule(context)
    }

    // MARK: Time

    /// Sees that a timer runs. One that is due earlier is left alone: it asks for the deadline when it fires, so that a
    /// request costs no timer of its own.
    private func schedule(_ context: ChannelHandlerContext) {
        guard let deadline = timeline.deadline else { return }
        if let timer {
            if timer.deadline <= deadline { return }
            timer.task.cancel()
        }
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.timer = nil
            self.judge(context)
        }
        timer = (task, deadline)
    }

    /// Bytes of answers that wait for the client to take others.
    private func unsent(_ context: ChannelHandlerContext) -> Int {
        (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    private func judge(_ context: ChannelHandlerContext) {
        switch timeline.verdict(at: context.eventLoop.now, unsent: unsent(context)) {
        case .none: schedule(context)
        case .idle, .lingeringOver, .answerTooSlow: context.close(promise: nil)
        case .headerTooSlow: refuse(context, Problem(.requestTimeout, "the header did not come in time"))
        case .bodyTooSlow: context.fireErrorCaught(SlowBody())
        }
    }
}

/// The body came too slowly; whoever reads it gets this in its place.
struct SlowBody: Error {}

extension HTTPRequestHead {
    /// Empty where the target is no path (RFC 9112, section 3.2), since that may hold a login.
    fileprivate var path: String { uri.hasPrefix("/") ? String(uri.prefix { $0 != "?" }) : "" }
}
