// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CCurl
import Errands

/// A handle of libcurl with the connections that it keeps. For one target and one thread.
final class Transfer {
    private let handle: UnsafeMutableRawPointer
    private let settings: CarriageSettings
    private let stopSign: StopSign
    private let words: UnsafeMutablePointer<CChar>
    private var lists: [UnsafeMutablePointer<curl_slist>] = []
    private(set) var flow: Flow
    private var isSFTP = false
    /// Whether an option was refused; looked at before anything is sent.
    private var isUnfit = false

    /// Prepares the library, once for the process and before any thread uses it.
    private static let isReady: Bool = sluice_curl_global_init() == CURLE_OK

    init(_ settings: CarriageSettings, stopSign: StopSign) throws(CarriageFailure) {
        guard Self.isReady, let handle = curl_easy_init() else {
            throw CarriageFailure(.broken, "libcurl does not start.")
        }
        self.handle = handle
        self.settings = settings
        self.stopSign = stopSign
        words = .allocate(capacity: Int(sluice_curl_error_size))
        words.initialize(repeating: 0, count: Int(sluice_curl_error_size))
        flow = Flow(stopSign: stopSign)
    }

    deinit {
        curl_easy_cleanup(handle)
        freeLists()
        words.deallocate()
    }

    private func freeLists() {
        for list in lists { curl_slist_free_all(list) }
        lists = []
    }

    /// Begins a new request: all options as at first, the connections stay.
    ///
    /// - Parameter protocols: the only ones that this request may speak.
    func begin(_ url: String, protocols: String) {
        curl_easy_reset(handle)
        freeLists()
        flow = Flow(stopSign: stopSign)
        isSFTP = protocols == "sftp"
        isUnfit = false
        words[0] = 0
        let context = Unmanaged.passUnretained(flow).toOpaque()
        set(CURLOPT_URL, url)
        set(CURLOPT_PROTOCOLS_STR, protocols)
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_NOSIGNAL, 1)
        // Neither proxies from the environment nor a file of passwords from somebody's home.
        set(CURLOPT_PROXY, "")
        set(CURLOPT_NETRC, 0)
        set(CURLOPT_CONNECTTIMEOUT, settings.connectSeconds)
        set(CURLOPT_LOW_SPEED_LIMIT, settings.slowBytes)
        set(CURLOPT_LOW_SPEED_TIME, settings.slowSeconds)
        set(CURLOPT_TIMEOUT, settings.requestSeconds)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_USERAGENT, "sluice-courier")
        set(CURLOPT_ERRORBUFFER, pointer: words)
        set(CURLOPT_NOPROGRESS, 0)
        set(CURLOPT_XFERINFODATA, pointer: context)
        check(sluice_curl_set_watch(handle, watchStop))
        set(CURLOPT_WRITEDATA, pointer: context)
        check(sluice_curl_set_move(handle, CURLOPT_WRITEFUNCTION, takeBody))
        set(CURLOPT_HEADERDATA, pointer: context)
        check(sluice_curl_set_move(handle, CURLOPT_HEADERFUNCTION, takeHeader))
        secure()
    }

    private func secure() {
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        // One file and no folder: the GnuTLS flavour would read all of a folder each time.
        set(CURLOPT_CAINFO, settings.certificates)
        check(sluice_curl_set_text(handle, CURLOPT_CAPATH, nil))
    }

    /// Sends what `source` holds.
    func upload(_ source: Source) {
        flow.source = source
        let context = Unmanaged.passUnretained(flow).toOpaque()
        set(CURLOPT_UPLOAD, 1)
        check(sluice_curl_set_size(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(source.size)))
        set(CURLOPT_READDATA, pointer: context)
        check(sluice_curl_set_move(handle, CURLOPT_READFUNCTION, giveBody))
        set(CURLOPT_SEEKDATA, pointer: context)
        check(sluice_curl_set_seek(handle, seekBody))
    }

    /// Lets an SSH host in only with one of these fingerprints.
    func pin(_ fingerprints: [String]) {
        flow.hostKeys = fingerprints
        set(CURLOPT_SSH_HOSTKEYDATA, pointer: Unmanaged.passUnretained(flow).toOpaque())
        check(sluice_curl_set_host_key(handle, judgeHostKey))
    }

    /// Sends `bytes` as the body of a POST.
    func post(_ bytes: [UInt8]) {
        check(
            sluice_curl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count)))
        bytes.withUnsafeBytes { check(sluice_curl_set_body(handle, $0.baseAddress)) }
    }

    func set(_ option: CURLoption, _ text: String) {
        check(sluice_curl_set_text(handle, option, text))
    }

    func set(_ option: CURLoption, _ number: Int) {
        check(sluice_curl_set_number(handle, option, number))
    }

    func set(_ option: CURLoption, size: Int64) {
        check(sluice_curl_set_size(handle, option, curl_off_t(size)))
    }

    /// A list of header lines or commands.
    func set(_ option: CURLoption, lines: [String]) {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = curl_slist_append(list, line) else {
                curl_slist_free_all(list)
                isUnfit = true
                return
            }
            list = longer
        }
        guard let list else { return }
        lists.append(list)
        set(option, pointer: list)
    }

    private func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer) {
        check(sluice_curl_set_pointer(handle, option, pointer))
    }

    private func check(_ code: CURLcode) {
        if code != CURLE_OK { isUnfit = true }
    }

    /// Performs the request and returns the status of HTTP, 0 elsewhere.
    @discardableResult
    func perform() throws(CarriageFailure) -> Int {
        guard !isUnfit else {
            throw CarriageFailure(
                .broken, "This libcurl lacks what is needed: version 7.88 with SFTP and TLS.")
        }
        guard !stopSign.isUp else { throw CarriageFailure(.stopped, "The courier was stopped.") }
        let code = curl_easy_perform(handle)
        if let failure = flow.failure { throw failure }
        guard code == CURLE_OK else {
            if isSFTP, code == CURLE_PEER_FAILED_VERIFICATION, let shown = flow.shownKey {
                throw CarriageFailure(
                    .hostKeyRefused,
                    """
                    The host shows the key \(shown), which is not one of those agreed on. If it \
                    is right, compare it with ssh-keygen -l on the host and enter it.
                    """)
            }
            throw CarriageFailure(code, detail: String(cString: words), isSFTP: isSFTP)
        }
        return flow.status
    }

    /// Bytes of the object that was looked at; -1 when the target did not say.
    var objectSize: Int64 {
        var size: curl_off_t = -1
        guard
            sluice_curl_size(handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &size) == CURLE_OK
        else { return -1 }
        return Int64(size)
    }
}
