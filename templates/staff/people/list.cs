<?cs include:"macros.cs" ?><?cs include:"_document.cs" ?><?cs set:Title = "身份信息采集" ?><?cs def:content() ?><?cs call:error_summary() ?><div class="head"><h1>身份信息采集</h1><?cs if:May.Capture ?><p class="actions"><a class="button" href="/staff/people/new">新建人员</a></p><?cs /if ?></div>
<p class="lead">先按证件查找人员；没有登记过的，再新建。证件号码只用于查找，不出现在网址和日志中。</p>
<?cs call:reader() ?><div class="cols"><section><h2>按证件查找</h2>
<form method="post" action="/staff/people/find" class="stack"><?cs call:form_csrf() ?><?cs call:document_fields() ?><button class="button">查找</button></form></section>
<section><h2>按姓名查找</h2>
<form action="/staff/people/" class="stack" role="search"><label for="f-name">姓名（可以只填开头）<?cs call:wrong("name") ?></label><input id="f-name" name="name" value="<?cs var:Field.name ?>" maxlength="64" autocomplete="off"><button class="button">查找</button></form></section></div>
<?cs if:?Rows.0.Id ?><table class="list data"><caption>查找结果</caption>
<thead><tr><th scope="col">姓名<th scope="col">性别<th scope="col">出生日期<th scope="col">证件<th scope="col">照片
<tbody>
<?cs each:row = Rows ?><tr><th scope="row"><a href="/staff/people/<?cs var:row.Id ?>"><?cs var:row.Name ?></a><td data-as="性别"><?cs var:row.Sex ?><td data-as="出生日期"><?cs var:row.Birth ?><td data-as="证件"><?cs var:row.IdType ?>　<?cs var:row.IdNumber ?><td data-as="照片"><?cs if:row.Photo ?>已采集<?cs else ?><b class="s s02">未采集</b><?cs /if ?>
<?cs /each ?></table>
<?cs elif:Searched ?><p class="empty">没有找到这样的人员。请核对姓名，或按证件查找。</p>
<?cs /if ?><?cs call:pages(First, Next) ?><p class="quiet"><a href="/help/staff-capture">操作手册：身份信息采集</a></p>
<script type="module" src="/static/people.js?<?cs var:Static.Version ?>"></script>
<?cs /def ?><?cs include:"layout.cs" ?>
