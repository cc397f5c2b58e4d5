//! What went wrong and what to do about it, in the language of the page.

use pressmark_archive::failure::Failure;
use pressmark_archive::ports::fetch::FetchFailure;
use pressmark_archive::ports::render::RenderFailure;

use super::Language;

impl Language {
    /// What went wrong, as a sentence.
    pub(crate) fn failure(self, failure: &Failure) -> String {
        match self {
            Self::English => english_sentence(&failure.to_string()),
            Self::Chinese => format!("{}。", chinese(failure)),
        }
    }

    /// What the person can do about it, as a sentence; commands stand in backticks.
    pub(crate) fn hint(self, failure: &Failure) -> String {
        match self {
            Self::English => english_sentence(failure.hint()),
            Self::Chinese => format!("{}。", chinese_hint(failure)),
        }
    }
}

/// A message as this program writes them (lower case, no full stop), as a sentence on a page.
pub(super) fn english_sentence(message: &str) -> String {
    let mut characters = message.chars();
    let mut sentence: String = if message.starts_with("robots.txt") {
        characters.collect()
    } else {
        let first = characters.next().into_iter().flat_map(char::to_uppercase);
        first.chain(characters).collect()
    };
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

fn chinese(failure: &Failure) -> String {
    let failure = match failure {
        Failure::Fetch { failure } => failure,
        Failure::NotAFeed { found } => return format!("这不是订阅源：{found}"),
        Failure::NotAPage { found } => return format!("这不是网页：{found}"),
        Failure::NoArticle { reason } => return format!("页面中没有找到文章：{reason}"),
        Failure::LoginWall { sign } => return format!("页面要求登录：{sign}"),
        Failure::Render { failure } => return chinese_rendering(failure),
        Failure::NoLink => return "条目既没有链接也没有正文".to_owned(),
        Failure::Redacted => return "该文章已依法删除".to_owned(),
    };
    match failure {
        FetchFailure::Dns { host } => format!("找不到主机 `{host}` 的地址"),
        FetchFailure::Connect { detail } => format!("无法连接：{detail}"),
        FetchFailure::Tls { detail } => format!("无法建立安全连接：{detail}"),
        FetchFailure::Timeout { phase } => format!("等待超时（阶段：{phase}）"),
        FetchFailure::Cut => "应答尚未传完，连接就中断了".to_owned(),
        FetchFailure::TooLarge { limit } => format!("应答超过 {limit} 字节"),
        FetchFailure::Coding { detail } => format!("应答无法解码：{detail}"),
        FetchFailure::Protocol { detail } => format!("应答不是 HTTP：{detail}"),
        FetchFailure::Status { status, .. } => format!("服务器应答 {status}"),
        FetchFailure::HostPaused { status, seconds } => {
            format!("站点此前回应 {status}，要求再等待 {seconds} 秒")
        }
        FetchFailure::Redirect { detail } => format!("重定向无法到达：{detail}"),
        FetchFailure::RobotsDenied { rule } => format!("robots.txt 不允许抓取：`{rule}`"),
        FetchFailure::RobotsUnreachable { detail } => format!("读不到 robots.txt：{detail}"),
        FetchFailure::PrivateNetwork { address } => format!("`{address}` 不在公共互联网上"),
        FetchFailure::Regional { status } => {
            format!("服务器应答 {status}：内容不对本地区开放")
        }
        FetchFailure::BotChallenge { by } => format!("{by} 要求用浏览器或真人访问"),
        FetchFailure::Proxy { detail } => format!("代理出错：{detail}"),
    }
}

fn chinese_hint(failure: &Failure) -> &'static str {
    let failure = match failure {
        Failure::Fetch { failure } => failure,
        Failure::NotAFeed { .. } => return "请给出订阅源的地址，或注明了订阅源的网页地址",
        Failure::NotAPage { .. } => return "只存档网页；条目本身已保留",
        Failure::NoArticle { .. } => {
            return "请在浏览器中查看该页；`pressmark extract URL` 会显示从中找到的内容";
        }
        Failure::LoginWall { .. } => {
            return "请用浏览器登录，再为此来源设置其 `cookie`";
        }
        Failure::Render { failure } => return chinese_rendering_hint(failure),
        Failure::NoLink => return "订阅源没有给出这个条目可抓取的内容",
        Failure::Redacted => return "无需处理：已删除的文章不再存档",
    };
    match failure {
        FetchFailure::Dns { .. } => "请检查地址拼写和本机网络",
        FetchFailure::Connect { .. } => {
            "网站可能已关闭或在此地被屏蔽；会自动重试，也可以为此来源设置 `proxy`"
        }
        FetchFailure::Tls { .. } => {
            "如果网站使用私有证书机构，请在 `[fetch] ca_file` 中指明其证书；否则等网站修复"
        }
        FetchFailure::Timeout { .. } => "会自动重试；慢的网站需要更长的 `timeout`",
        FetchFailure::Cut => "没有保留任何残缺内容；会自动重试",
        FetchFailure::TooLarge { .. } => "如果值得，请为此来源调高 `max_page_bytes`",
        FetchFailure::Coding { .. } => "服务器的应答无法解压；请告知网站",
        FetchFailure::Protocol { .. } => "请确认该地址是网站服务器",
        FetchFailure::Status { status, .. } => match status {
            401 | 407 => "网站要求登录：请为此来源设置 `cookie` 或 `headers`",
            403 => "网站拒绝了本机：请为此来源试试 `proxy`、`user_agent` 或 `cookie`",
            404 => "请检查地址，或在网站首页查找订阅源",
            410 => "网站称它已永久关闭；请移除此来源或给出新地址",
            429 => "网站要求减少请求：请调高 `per_host_gap`",
            500..=599 => "网站自身出错；会自动重试",
            _ => "请在浏览器中查看该地址",
        },
        FetchFailure::HostPaused { .. } => "这次没有发出请求；时间一到会再次抓取",
        FetchFailure::Redirect { .. } => "请在浏览器中查看该地址，并添加最终到达的地址",
        FetchFailure::RobotsDenied { .. } => {
            "网站要求机器人不要抓取；如果你有权阅读，可以用 `set SOURCE robots=ignore`"
        }
        FetchFailure::RobotsUnreachable { .. } => "抓取其他内容之前会先重新请求 robots.txt",
        FetchFailure::PrivateNetwork { .. } => {
            "只抓取公共互联网；自己的网络可在 `[fetch] allow_networks` 中列出"
        }
        FetchFailure::Regional { .. } => "网站拒绝本地区：请为此来源设置其他地区的 `proxy`",
        FetchFailure::BotChallenge { .. } => {
            "网站要求用浏览器访问：请设置已通过验证的浏览器的 `cookie`，或换一个 `proxy`"
        }
        FetchFailure::Proxy { .. } => "请检查 `proxy`，以及它是否放行该地址",
    }
}

fn chinese_rendering(failure: &RenderFailure) -> String {
    match failure {
        RenderFailure::Off => "该页需要浏览器，而渲染没有启用".to_owned(),
        RenderFailure::Start { detail } => format!("浏览器无法启动：{detail}"),
        RenderFailure::Browser { detail } => format!("浏览器出错：{detail}"),
        RenderFailure::Timeout => "该页让浏览器忙得太久".to_owned(),
        RenderFailure::TooLarge { limit } => format!("该页显示的内容超过 {limit} 字节"),
    }
}

fn chinese_rendering_hint(failure: &RenderFailure) -> &'static str {
    match failure {
        RenderFailure::Off => {
            "请安装 Chromium 并设置 `[render] enabled = true`，或用 `set SOURCE render=never`"
        }
        RenderFailure::Start { .. } => {
            "请检查 `[render] browser` 指明的 Chromium 能否在本机启动；以 root 运行时沙箱不可用"
        }
        RenderFailure::Browser { .. } => "会用新的浏览器自动重试",
        RenderFailure::Timeout => "请调高 `[render] timeout`，或用 `set SOURCE render=never`",
        RenderFailure::TooLarge { .. } => "如果值得，请为此来源调高 `max_page_bytes`",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_a_sentence_in_each_language() {
        let failure = Failure::from(FetchFailure::Status {
            status: 503,
            retry_after: None,
        });
        assert_eq!(
            Language::English.failure(&failure),
            "The server answered 503."
        );
        assert_eq!(
            Language::English.hint(&failure),
            "The site has a fault of its own; it is tried again."
        );
        assert_eq!(Language::Chinese.failure(&failure), "服务器应答 503。");
        assert_eq!(
            Language::Chinese.hint(&failure),
            "网站自身出错；会自动重试。"
        );
    }
}
