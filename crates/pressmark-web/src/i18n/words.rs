//! Every word of the pages, each in both languages.

/// Makes the struct of words and one constant a language; a word that misses a language does not
/// compile.
macro_rules! words {
    ($($key:ident: $english:literal, $chinese:literal;)*) => {
        /// The words of one language. `{}` stands for a number or a name.
        #[derive(Debug)]
        pub(crate) struct Words {
            $(pub(crate) $key: &'static str,)*
        }

        pub(super) const ENGLISH: Words = Words { $($key: $english,)* };
        pub(super) const CHINESE: Words = Words { $($key: $chinese,)* };

        #[cfg(test)]
        pub(super) const TABLE: &[(&str, &str, &str)] =
            &[$((stringify!($key), $english, $chinese),)*];
    };
}

words! {
    skip: "Skip to the text", "跳到正文";
    menu: "Main", "主菜单";
    latest: "Latest", "最新";
    sources: "Sources", "来源";
    feed: "Feed", "订阅源";
    feed_of_all: "Feed of everything", "全部文章的订阅源";
    feed_of_this: "Full-text feed", "全文订阅源";
    times_in: "Days and times are {} unless they say otherwise.", "未注明时区的日期和时间为 {}。";
    older: "Older articles", "更早的文章";
    newest: "Back to the newest", "回到最新";
    nothing_yet: "Nothing is archived yet.", "还没有存档的文章。";
    nothing_hint: "Articles appear here as soon as the first poll has brought them. The sources page says how it goes.", "第一次抓取完成后，文章就会出现在这里。抓取情况见“来源”页。";
    no_more: "There is nothing older.", "没有更早的文章了。";
    add_first: "No source is watched yet. Add one with", "还没有关注任何来源。用这条命令添加：";

    add_source: "Add a source", "添加来源";
    add_what: "Give the address of a site, a section, a feed, a sitemap, a channel, or of one article.", "填写网站、栏目、订阅源、站点地图、频道或单篇文章的网址。";
    add_address: "Address", "网址";
    add_look: "Look", "查看";
    add_patience: "Looking may take half a minute: each site is asked slowly. Nothing is saved before you choose.", "查看可能需要半分钟：对每个网站都会放慢请求。在您选择之前不会保存任何内容。";
    add_token: "Administrator's token", "管理员令牌";
    add_is_list: "This is a list of subscriptions: pressmark add watches all that are in it.", "这是一份订阅列表：用 pressmark add 命令可以关注其中全部来源。";
    add_nothing: "Nothing that can be watched was found.", "没有找到可以关注的内容。";
    add_is_article: "This is an article", "这是一篇文章";
    add_archive_it: "Archive it", "存档这篇文章";
    add_name: "Name (optional)", "名称（可选）";
    add_watch: "Watch what is ticked, as one source", "关注勾选的内容（合为一个来源）";
    add_nothing_picked: "Nothing was ticked.", "没有勾选任何内容。";
    add_no_address: "That is no web address.", "这不是网址。";
    add_elsewhere: "Nothing was changed: the request did not come from this page.", "未做任何更改：请求不是由本页面发出的。";
    add_wrong_token: "Nothing was changed: the token is missing or wrong.", "未做任何更改：令牌缺失或不正确。";
    add_closed: "Nothing was changed: only this machine may do that, unless the configuration sets [web] admin_token.", "未做任何更改：除非在配置中设置 [web] admin_token，否则只能在本机操作。";
    add_archived: "archived", "已存档";
    add_known: "It was archived before, and is as it was.", "此前已存档，内容没有变化。";
    add_entries_one: "{} entry now", "当前 {} 条";
    add_entries_many: "{} entries now", "当前 {} 条";
    add_more: "and {} more", "还有 {} 条";
    add_kind_listing: "links of a page", "页面链接";
    add_kind_sitemap: "sitemap", "站点地图";
    add_by_address: "at the address", "位于该网址";
    add_by_service: "of the service", "由服务提供";
    add_by_name: "named by the site", "由网站标明";
    add_by_custom: "where sites have it", "位于常见位置";
    add_by_links: "found by structure", "按结构识别";

    by: "By {}", "{}";
    and: ", ", "、";
    untitled: "Untitled", "无标题";
    published: "Published", "发布";
    changed: "Changed by the outlet", "媒体更新";
    captured: "Captured", "存档";
    last_seen: "Last seen unchanged", "最近核对无变化";
    original: "Read the original", "阅读原文";
    original_address: "Original address", "原文地址";
    versions: "Versions", "版本";
    versions_one: "{} version", "{} 个版本";
    versions_many: "{} versions", "{} 个版本";
    version_n: "Version {}", "第 {} 版";
    this_one: "shown here", "当前显示";
    compare: "What changed", "改动对比";
    kind_first: "first capture", "首次存档";
    kind_edit: "the outlet changed the text", "媒体修改了文章";
    kind_reverted: "the outlet went back to an earlier text", "媒体改回了先前的文字";
    kind_completed: "a whole text took the place of a partial one", "补全了先前不完整的文字";
    kind_imported: "from another archive", "由其他存档导入";
    kind_observed: "first seen here after an import", "导入后首次亲自抓取";
    partial: "partial", "不完整";
    clock_doubtful: "time doubtful: the clock was wrong", "时间存疑：当时机器的时钟不准";
    partial_note: "This text is incomplete: the page stood behind a wall when it was read. It is replaced as soon as the whole text can be read.", "文字不完整：抓取时页面有付费墙或登录墙。一旦能读到全文就会替换。";
    superseded_note: "You are reading version {} of {}.", "你正在阅读第 {} 版，共 {} 版。";
    to_newest: "Go to the newest version", "查看最新版";
    record: "For the record", "存档记录";
    digest: "Digest of title and text", "标题与正文的摘要值";
    leaf: "Leaf in the ledger", "账本叶序号";
    proof: "Proof", "证明";
    proof_file: "Sealed: download the proof file", "已封存：下载证明文件";
    unsealed: "Not sealed yet: the proof is ready in a moment", "尚未封存：证明稍后可用";
    article_number: "Article", "文章编号";
    image_waits: "Image, not archived yet", "图片，尚未存档";
    image_missing: "Image that could not be archived", "图片，未能存档";
    image_not_kept: "Image at the outlet", "图片在原网站";
    no_text: "This version has no text.", "此版本没有文字。";

    changes: "Edits and deletions", "修改与删除";
    feed_of_changes: "Feed of edits and deletions", "修改与删除的订阅源";
    no_changes: "No edit and no deletion like this has been seen.", "没有看到符合条件的修改或删除。";
    older_changes: "Earlier", "更早";
    filter_classes: "What was changed", "改动类型";
    filter_size: "At least so many letters", "至少改动字数";
    filter_removed: "In the removed text", "被删文字中包含";
    filter_silent: "silent only", "仅限悄悄修改";
    filter: "Show", "筛选";
    deletions: "deletions", "删除";
    change_deleted: "The outlet took the article away", "媒体撤下了文章";
    change_returned: "The article is back", "文章重新出现";
    change_size: "{} letters", "{} 字";
    silent: "silent", "悄悄修改";
    silent_hint: "The text changed; the time of change that the outlet gives did not.", "文字变了，媒体标注的更新时间没有变。";
    class_headline: "headline", "标题";
    class_number: "number", "数字";
    class_name: "name", "人名";
    class_quote: "quotation", "引语";
    class_added: "paragraph added", "增加段落";
    class_removed: "paragraph removed", "删除段落";
    class_typo: "spelling", "错字";
    class_wording: "wording", "措辞";
    class_boilerplate: "boilerplate", "页面杂项";
    absence_not_found: "the page is not there (404)", "页面不存在（404）";
    absence_gone: "the page is gone for good (410)", "页面已永久移除（410）";
    absence_front_page: "its address leads to the front page", "地址跳转到首页";
    absence_elsewhere: "its address leads to another page", "地址跳转到其他页面";
    absence_soft: "an error page stands in its place", "原处是一个错误页面";
    absence_removed: "a notice of removal stands in its place", "原处是一则撤稿说明";
    absence_withheld: "the page is withheld for legal reasons (451)", "页面因法律原因不予显示（451）";
    deleted_note: "The outlet has taken this article away; it is kept here. First seen to be gone:", "媒体已撤下这篇文章，这里仍然保留。首次发现消失：";
    diff_inline: "One column", "单栏";
    diff_split: "Side by side", "并排";

    diff_title: "Version {} and version {}", "第 {} 版与第 {} 版";
    diff_legend: "Version {}", "第 {} 版";
    diff_same: "The two versions have the same title and text.", "两个版本的标题和文字相同。";
    diff_skipped_one: "{} unchanged paragraph", "{} 段无改动";
    diff_skipped_many: "{} unchanged paragraphs", "{} 段无改动";
    diff_removed: "removed", "删除";
    diff_added: "added", "新增";
    back_to_article: "Back to the article", "回到文章";

    all_well: "All sources are well.", "所有来源均正常。";
    need_care_one: "{} source needs attention.", "{} 个来源需要处理。";
    need_care_many: "{} sources need attention.", "{} 个来源需要处理。";
    state_active: "watched", "关注中";
    state_failing: "failing", "抓取失败";
    state_paused: "paused", "已暂停";
    state_gone: "gone for good", "已永久关闭";
    state_removed: "removed, articles kept", "已移除，文章保留";
    state_imported: "imported", "导入";
    last_poll: "Last poll", "上次抓取";
    last_success: "Last good poll", "上次成功";
    next_poll: "Next poll", "下次抓取";
    never: "never", "从未";
    now_due: "now", "现在";
    articles: "Articles", "文章";
    pending: "Waiting", "等待中";
    failed: "Failed", "失败";
    room: "Room on the disk", "磁盘空间";
    room_low: "Space runs low: {} are left on the disk of the archive.", "空间不足：存档所在的磁盘只剩 {}。";
    room_paused: "Archiving has paused: only {} are left on the disk. It goes on by itself when there is room.", "存档已暂停：磁盘只剩 {}。有空间后会自动继续。";
    time_stamps: "Time stamps of the log", "日志的时间戳";
    tsa_failing: "The authority {} has not time-stamped the log since {}: {}", "时间戳机构 {} 自 {} 起未能为日志加盖时间戳：{}";
    tsa_mended: "The authority {} had not time-stamped the log since {}. The alarm is mended.", "时间戳机构 {} 自 {} 起未能为日志加盖时间戳，现已恢复。";
    tsa_hint: "It is asked again by itself; `[proof] tsa` names the authorities, `pressmark anchor` asks now.", "程序会自动重试；`[proof] tsa` 列出时间戳机构，`pressmark anchor` 可立即请求。";
    disk_use: "On the disk", "占用磁盘";
    disk_use_of: "raw captures {}, texts {}, images first shown here {}", "原始抓取 {}，文本 {}，首见于此的图片 {}";
    alarms: "Alarms", "警报";
    alarms_of: "Alarms of {}", "{} 的警报";
    mended: "mended", "已恢复";
    alarm_failing: "cannot be read", "无法抓取";
    alarm_silent: "fell silent", "不再更新";
    alarm_quality: "is read worse than before", "抓取质量下降";
    tried: "What was tried: {}, {}.", "已尝试：{}，{}。";
    tried_direct: "without a proxy", "不经代理";
    tried_proxy: "through a proxy", "经代理";
    tried_agent: "as {}", "以 {} 的身份";
    tried_own: "under this program's name", "以本程序的名义";
    hub: "Pushed by", "推送";
    hub_until: "{}, until {}", "{}，有效至 {}";
    hub_asked: "{}, asked", "{}，已申请";
    left_out: "Left out by filters", "被过滤";
    failures_one: "The last poll failed.", "上次抓取失败。";
    failures_many: "The last {} polls failed.", "最近 {} 次抓取均失败。";
    robots_ignored: "robots.txt is ignored for this source: pages are fetched even where the site asks robots not to.", "此来源不遵守 robots.txt：即使网站要求机器人不要抓取，也会抓取页面。";
    moving: "The site says this source has moved to", "网站称此来源已迁移到";
    format: "Format", "格式";
    rolls_over: "Its list has rolled over between two polls: it is polled every {} at least now.", "其列表曾在两次抓取之间全部更换：现在至少每 {} 抓取一次。";
    watched_address: "Address and format", "地址与格式";
    flaws: "Flaws of the feed", "订阅源中的问题";
    line_n: "line {}", "第 {} 行";
    troubled_entries: "Entries that have no article", "未能存档的条目";
    attempts_one: "{} attempt", "已尝试 {} 次";
    attempts_many: "{} attempts", "已尝试 {} 次";
    next_attempt: "next attempt", "下次尝试";
    gave_up: "not tried again", "不再尝试";
    visit_kept: "the article stays as it was", "文章保持原样";

    redacted_title: "This article was taken out", "此文章已被删除";
    redacted_text: "The law demanded it. Its text, its images and its records are gone from this archive. That an article stood here, and when it was taken out, stays in the ledger.", "应法律要求，其文字、图片和记录已从本存档中删除。此处曾有文章以及何时被删除，保留在账本中。";
    redacted_at: "Taken out", "删除时间";
    redacted_reason: "Reason", "理由";
    missing_title: "There is no such page", "没有这个页面";
    missing_text: "The address may be mistyped, or what stood here was never archived.", "地址可能有误，或者这里从来没有存档。";
    broken_title: "The archive could not answer", "存档暂时无法应答";
    broken_text: "Something went wrong on this side; nothing that is archived is lost. Try again in a moment. The log of the server says more.", "服务器出了问题；已存档的内容不会丢失。请稍后再试，详情见服务器日志。";

    just_now: "just now", "刚刚";
    minutes_ago_one: "{} minute ago", "{} 分钟前";
    minutes_ago_many: "{} minutes ago", "{} 分钟前";
    hours_ago_one: "{} hour ago", "{} 小时前";
    hours_ago_many: "{} hours ago", "{} 小时前";
    days_ago_one: "{} day ago", "{} 天前";
    days_ago_many: "{} days ago", "{} 天前";
    in_minutes_one: "in {} minute", "{} 分钟后";
    in_minutes_many: "in {} minutes", "{} 分钟后";
    in_hours_one: "in {} hour", "{} 小时后";
    in_hours_many: "in {} hours", "{} 小时后";
    in_days_one: "in {} day", "{} 天后";
    in_days_many: "in {} days", "{} 天后";
}
