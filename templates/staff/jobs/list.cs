<?cs include:"macros.cs" ?><?cs set:Title = "任务：" + Label ?><?cs

def:causes() ?><table class="list data"><caption>失败的原因，最多的在前</caption>
<thead><tr><th scope="col">文件<th scope="col">原因<th scope="col">数量<th scope="col">最近一次<th scope="col">操作
<tbody>
<?cs each:row = Causes ?><tr><th scope="row"><?cs var:row.KindLabel ?><td data-as="原因"><?cs var:row.Words ?><br><code class="detail"><?cs var:row.Cause ?></code><td data-as="数量"><a href="?state=failed&amp;kind=<?cs var:row.Kind ?>&amp;cause=<?cs var:row.Query ?>"><?cs var:row.Count ?> 个</a><td data-as="最近一次"><?cs var:row.Last ?><td><?cs if:May ?><form method="post" action="/staff/jobs/retry"><?cs call:form_hidden() ?><input type="hidden" name="kind" value="<?cs var:row.Kind ?>"><input type="hidden" name="cause" value="<?cs var:row.Cause ?>"><button class="link">全部重新生成</button></form><?cs /if ?>
<?cs /each ?></table>
<?cs /def ?><?cs

def:jobs() ?><table class="list data"><caption><?cs var:Label ?><?cs if:Cause ?>，原因：<?cs var:Cause ?><?cs /if ?></caption>
<thead><tr><th scope="col">任务<th scope="col">文件<th scope="col">证书或事项<th scope="col">企业<th scope="col">次数<th scope="col">时间<?cs if:State == "failed" ?><th scope="col">原因<?cs if:May ?><th scope="col">操作<?cs /if ?><?cs /if ?>
<tbody>
<?cs each:row = Rows ?><tr><th scope="row"><?cs var:row.Id ?><td data-as="文件"><?cs var:row.Kind ?><td class="keep" data-as="证书或事项"><?cs if:row.Number ?><?cs if:Reads ?><a href="/staff/history/certificates/<?cs var:row.Certificate ?>"><?cs var:row.Number ?></a><?cs else ?><?cs var:row.Number ?><?cs /if ?><br>第 <?cs var:row.Version ?> 版<?cs else ?><?cs var:row.Matter ?><?cs /if ?><td data-as="企业"><?cs var:row.Enterprise ?><td data-as="次数"><?cs var:row.Attempts ?><td data-as="时间"><?cs var:row.At ?><?cs if:State == "failed" ?><td data-as="原因"><?cs var:row.Words ?><br><code class="detail"><?cs var:row.Cause ?></code><?cs if:May ?><td><form method="post" action="/staff/jobs/<?cs var:row.Id ?>/retry"><?cs call:form_hidden() ?><button class="link" aria-label="重新生成任务 <?cs var:row.Id ?>">重新生成</button></form><?cs /if ?><?cs /if ?>
<?cs /each ?></table>
<?cs /def ?><?cs

def:tasks() ?><h2 id="tasks">企业名称变更</h2>
<table class="list data"><caption>逐本办理的事项，新的在前</caption>
<thead><tr><th scope="col">事项编号<th scope="col">企业新名称<th scope="col">状态<th scope="col">证书<th scope="col">等待<th scope="col">失败<th scope="col">申请时间<?cs if:May ?><th scope="col">操作<?cs /if ?>
<tbody>
<?cs each:row = Tasks ?><tr><th scope="row"><?cs if:Reads ?><a href="/staff/history/matters/<?cs var:row.Matter ?>"><?cs var:row.Matter ?></a><?cs else ?><?cs var:row.Matter ?><?cs /if ?><td data-as="企业新名称"><?cs var:row.Enterprise ?><td data-as="状态"><?cs call:progress(row) ?><td data-as="证书"><?cs var:row.Items ?><td data-as="等待"><?cs var:row.Waiting ?><td data-as="失败"><?cs var:row.Failed ?><td data-as="申请时间"><?cs var:row.Opened ?><?cs if:May ?><td><?cs if:row.Retry ?><form method="post" action="/staff/jobs/renames/<?cs var:row.Matter ?>/retry"><?cs call:form_hidden() ?><button class="link" aria-label="重新办理 <?cs var:row.Matter ?> 中失败的证书">重新办理</button></form><?cs /if ?><?cs /if ?>
<?cs /each ?></table>
<?cs if:NextTasks ?><?cs call:pages("", NextTasks) ?><?cs /if ?><?cs /def ?><?cs

def:decisions() ?><h2>正在执行的决定</h2>
<table class="list data"><caption>涉及证书较多的决定，逐批执行</caption>
<thead><tr><th scope="col">事项编号<th scope="col">种类<th scope="col">证书<th scope="col">等待<th scope="col">失败
<tbody>
<?cs each:row = Decisions ?><tr><th scope="row"><?cs if:Reads ?><a href="/staff/proposals/<?cs var:row.Matter ?>"><?cs var:row.Matter ?></a><?cs else ?><?cs var:row.Matter ?><?cs /if ?><td data-as="种类"><?cs var:row.Kind ?><td data-as="证书"><?cs var:row.Items ?><td data-as="等待"><?cs var:row.Waiting ?><td data-as="失败"><?cs var:row.Failed ?>
<?cs /each ?></table>
<?cs /def ?><?cs

def:errands() ?><h2>后台任务</h2>
<table class="list data"><caption>每种最近的一次</caption>
<thead><tr><th scope="col">任务<th scope="col">由谁<th scope="col">开始<th scope="col">结束<th scope="col">状态
<tbody>
<?cs each:row = Errands ?><tr><th scope="row"><?cs var:row.Kind ?><td data-as="由谁"><?cs var:row.Who ?><td data-as="开始"><?cs var:row.Ordered ?><td data-as="结束"><?cs var:row.Ended ?><td data-as="状态"><?cs var:row.Label ?><?cs if:row.Running ?>（<?cs var:row.Step ?> / <?cs var:row.Steps ?>）<?cs /if ?>
<?cs /each ?></table>
<?cs /def ?><?cs

def:content() ?><?cs call:error_summary() ?><h1>任务</h1>
<?cs if:Retried > #0 ?><p class="note" role="status">已安排 <?cs var:Retried ?> 个任务重新生成。</p>
<?cs /if ?><ul class="tiles">
<li<?cs if:Failed > #0 ?> class="bad"<?cs /if ?>><a href="?state=failed"><b><?cs var:Failed ?> <small>个</small></b><span>文件生成失败</span></a>
<li><a href="?state=waiting"><b><?cs var:Waiting ?> <small>个</small></b><span>文件等待生成<?cs if:Oldest > #60 ?>，最久的已等待 <?cs var:Oldest ?> 秒<?cs /if ?></span></a>
<li><a href="?state=leased"><b><?cs var:Running ?> <small>个</small></b><span>文件正在生成</span></a>
</ul>
<?cs if:?Causes.0.Kind ?><?cs call:causes() ?><?cs /if ?><h2><?cs var:Label ?></h2>
<form class="search" action="/staff/jobs/"><label for="f-state">状态</label><select id="f-state" name="state"><?cs each:one = States ?><option value="<?cs var:one.Name ?>"<?cs if:one.Here ?> selected<?cs /if ?>><?cs var:one.Label ?><?cs /each ?></select><label for="f-kind">文件</label><select id="f-kind" name="kind"><option value="">全部<?cs each:one = Kinds ?><option value="<?cs var:one.Name ?>"<?cs if:one.Here ?> selected<?cs /if ?>><?cs var:one.Label ?><?cs /each ?></select><button class="button">显示</button><?cs if:Cause ?><a href="/staff/jobs/">显示全部原因</a><?cs /if ?></form>
<?cs if:?Rows.0.Id ?><?cs call:jobs() ?><?cs else ?><p class="empty">没有<?cs var:Label ?>的文件。</p>
<?cs /if ?><?cs call:pages(First, Next) ?><?cs if:?Decisions.0.Matter ?><?cs call:decisions() ?><?cs /if ?><?cs if:?Tasks.0.Matter ?><?cs call:tasks() ?><?cs /if ?><?cs if:subcount(Errands) > #0 ?><?cs call:errands() ?><?cs /if ?><p class="quiet"><a href="/help/staff-statistics">操作手册：统计与任务</a></p>
<?cs /def ?><?cs include:"layout.cs" ?>
