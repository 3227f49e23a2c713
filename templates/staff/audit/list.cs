<?cs include:"macros.cs" ?><?cs set:Title = "审计日志" ?><?cs

def:object(of) ?><?cs if:of.Kind ?><?cs var:of.Kind ?><?cs else ?><?cs var:of.Object ?><?cs /if ?> <?cs var:of.ObjectId ?><?cs /def ?><?cs

def:search() ?><form class="search" action="/staff/audit/" role="search"><span><label for="f-from">日期</label><input id="f-from" type="date" name="from" value="<?cs var:Field.from ?>"><label for="f-until">到</label><input id="f-until" type="date" name="until" value="<?cs var:Field.until ?>"></span><span><label for="f-by">操作者</label><select id="f-by" name="by"><option value="">全部<?cs each:one = Actors ?><option value="<?cs var:one.Name ?>"<?cs if:one.Here ?> selected<?cs /if ?>><?cs var:one.Label ?><?cs /each ?></select><label for="f-who" class="hide">操作者的登录名或信用代码</label><input id="f-who" name="who" value="<?cs var:Field.who ?>" maxlength="32" size="20" placeholder="登录名或信用代码" autocomplete="off"></span><span><label for="f-action">操作</label><select id="f-action" name="action"><option value="">全部<?cs each:one = Actions ?><option value="<?cs var:one.Name ?>"<?cs if:one.Here ?> selected<?cs /if ?>><?cs if:one.Words ?><?cs var:one.Words ?><?cs else ?><?cs var:one.Name ?><?cs /if ?><?cs /each ?></select></span><label for="f-object">对象或事项</label><input id="f-object" name="object" value="<?cs var:Field.object ?>" maxlength="64" size="24" placeholder="证书编号、事项编号" autocomplete="off"><button class="button">查询</button><?cs if:Searched ?><a href="/staff/audit/">显示全部</a><?cs /if ?></form>
<?cs /def ?><?cs

def:checks() ?><h2 id="checks">审计链的核验</h2>
<p>每条记录以密钥与前一条相连，共 16 条链。核验从第一条读起，发现被改动、被删除或被截断的记录。系统定期自动核验；也可以现在核验，由签发程序在后台进行。</p>
<form method="post" action="/staff/audit/verify" class="actions"><?cs call:form_hidden() ?><?cs if:!Checks.0.Running ?><button class="button plain">现在核验</button><?cs else ?><span>核验正在进行：<?cs var:Checks.0.Step ?> / <?cs var:Checks.0.Steps ?>。<a href="/staff/audit/#checks">刷新</a></span><?cs /if ?></form>
<?cs if:?Checks.0.State ?><table class="list data"><caption>最近的核验</caption>
<thead><tr><th scope="col">结束时间<th scope="col">由谁<th scope="col">状态<th scope="col">记录条数<th scope="col">结果
<tbody>
<?cs each:row = Checks ?><tr><th scope="row"><?cs if:row.Ended ?><?cs var:row.Ended ?><?cs else ?><?cs var:row.Ordered ?> 起<?cs /if ?><td data-as="由谁"><?cs var:row.Who ?><td data-as="状态"><?cs var:row.Label ?><td data-as="记录条数"><?cs var:row.Counted ?><td data-as="结果"><?cs if:row.Faults > #0 ?><b class="s s07">发现 <?cs var:row.Faults ?> 处问题</b><?cs each:line = row.Report ?><br><code><?cs var:line.Text ?></code><?cs /each ?><?cs elif:row.State == "done" ?><b class="s">完整，没有被改动</b><?cs elif:row.State == "failed" ?><b class="s s07">多次未能完成，请联系运维</b><?cs /if ?>
<?cs /each ?></table>
<?cs else ?><p class="empty">还没有核验过。</p>
<?cs /if ?><?cs /def ?><?cs

def:content() ?><?cs call:error_summary() ?><h1>审计日志</h1>
<p class="lead">系统中发生的一切，最新的在前。查看和导出审计日志，本身也会记入审计。</p>
<?cs call:search() ?><?cs if:?Rows.0.At ?><table class="list data"><caption><?cs if:Searched ?>查询结果<?cs else ?>全部记录<?cs /if ?></caption>
<thead><tr><th scope="col">时间<th scope="col">链与序号<th scope="col">操作者<th scope="col">操作<th scope="col">对象<th scope="col">详细内容
<tbody>
<?cs each:row = Rows ?><tr><th scope="row"><?cs var:row.At ?><td data-as="链与序号"><?cs var:row.Chain ?> - <?cs var:row.Sequence ?><td data-as="操作者"><?cs if:row.Role ?><?cs var:row.Role ?> <?cs var:row.Who ?><?cs elif:row.Who ?><?cs var:row.Who ?><?cs else ?><?cs var:row.By ?><?cs if:row.ById > #0 ?> <?cs var:row.ById ?><?cs /if ?><?cs /if ?><td data-as="操作"><?cs if:row.Words ?><?cs var:row.Words ?><br><?cs /if ?><span class="quiet"><?cs var:row.Action ?></span><td data-as="对象"><?cs if:row.Object == "certificate" && row.ObjectId > #0 ?><a href="/staff/history/certificates/<?cs var:row.ObjectId ?>"><?cs call:object(row) ?></a><?cs elif:row.Object == "person" && row.ObjectId > #0 ?><a href="/staff/history/people/<?cs var:row.ObjectId ?>"><?cs call:object(row) ?></a><?cs else ?><?cs call:object(row) ?><?cs /if ?><?cs if:row.Matter ?><br><a class="keep" href="/staff/history/matters/<?cs var:row.Matter ?>"><?cs var:row.Matter ?></a><?cs /if ?><td data-as="详细内容"><?cs if:row.Detail ?><code class="detail"><?cs var:row.Detail ?></code><?cs /if ?><?cs if:row.Request ?><br><span class="quiet keep">请求 <?cs var:row.Request ?></span><?cs /if ?>
<?cs /each ?></table>
<?cs elif:!?Errors.0.text ?><p class="empty"><?cs if:First ?>没有更多的记录了。<?cs else ?>没有符合条件的记录。<?cs /if ?></p>
<?cs /if ?><?cs call:pages(First, Next) ?><?cs if:Export ?><p class="actions"><a href="/staff/audit/<?cs var:Export ?>">导出查询结果（CSV）</a></p>
<?cs /if ?><?cs call:checks() ?><p class="quiet"><a href="/help/staff-audit">操作手册：审计日志</a></p>
<?cs /def ?><?cs include:"layout.cs" ?>
